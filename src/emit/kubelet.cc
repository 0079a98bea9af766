
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// KubeletConfiguration (v1beta1): reservedSystemCPUs is a list with ranges. The static policy gives out the
// others.
Result<std::string> emit_kubelet(const Layout& layout) {
    return head(layout, "# ",
                {"Goes to the kubelet's --config-dir, /etc/kubernetes/kubelet.conf.d/90-torque.conf, or into "
                 "its",
                 "configuration file. Drain the node, stop the kubelet, remove "
                 "/var/lib/kubelet/cpu_manager_state,",
                 "start it. strict-cpu-reservation needs Kubernetes 1.32. Which CPUs a pod gets the kubelet "
                 "decides;",
                 "it takes all cores to have equally many threads, which is wrong for hybrid machines."}) +
           formatted(
               "apiVersion: kubelet.config.k8s.io/v1beta1\n"
               "kind: KubeletConfiguration\n"
               "cpuManagerPolicy: static\n"
               "cpuManagerPolicyOptions:\n"
               "  full-pcpus-only: \"true\"\n"
               "  strict-cpu-reservation: \"true\"\n"
               "reservedSystemCPUs: \"{}\"\n",
               layout.housekeeping.list());
}

}  // namespace torque::emit
