"""The words of the formats, and inputs written by hand, one table for each fuzzer."""

# A machine of two CPUs, as the dialects of CPUID dumps write it.
CPUID_DUMPS = (
    b"CPU 0:\n"
    b"   0x00000000 0x00: eax=0x00000016 ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n"
    b"   0x00000001 0x00: eax=0x000906a3 ebx=0x00100800 ecx=0x7ffafbff edx=0xbfebfbff\n"
    b"   0x00000002 0x00: eax=0x00feff01 ebx=0x000000f0 ecx=0x00000000 edx=0x00000000\n"
    b"   0x00000004 0x00: eax=0x04004121 ebx=0x02c0003f ecx=0x0000003f edx=0x00000000\n"
    b"   0x00000004 0x01: eax=0x04004143 ebx=0x04c0003f ecx=0x000007ff edx=0x00000004\n"
    b"   0x0000000b 0x00: eax=0x00000001 ebx=0x00000002 ecx=0x00000100 edx=0x00000000\n"
    b"   0x0000000b 0x01: eax=0x00000007 ebx=0x00000002 ecx=0x00000201 edx=0x00000000\n"
    b"   0x00000018 0x01: eax=0x00000000 ebx=0x00080001 ecx=0x00000001 edx=0x00004022\n"
    b"   0x0000001a 0x00: eax=0x40000001 ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n"
    b"   0x0000001f 0x00: eax=0x00000001 ebx=0x00000002 ecx=0x00000100 edx=0x00000000\n"
    b"   0x40000000 0x00: eax=0x40000001 ebx=0x4b4d564b ecx=0x564b4d56 edx=0x0000004d\n"
    b"   0x80000000 0x00: eax=0x80000008 ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n"
    b"CPU 1:\n"
    b"   0x00000000 0x00: eax=0x00000016 ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n"
    b"   0x0000000b 0x00: eax=0x00000001 ebx=0x00000002 ecx=0x00000100 edx=0x00000001\n",

    b"------[ CPUID Registers / Logical CPU #0 ]------\n"
    b"CPUID 00000000: 00000010-68747541-444D4163-69746E65\n"
    b"CPUID 00000001: 00A20F12-00020800-7EF8320B-178BFBFF\n"
    b"CPUID 0000000B: 00000001-00000002-00000100-00000000 [SL 00]\n"
    b"CPUID 80000000: 80000023-68747541-444D4163-69746E65\n"
    b"CPUID 80000005: FF40FF40-FF40FF40-20080140-20080140\n"
    b"CPUID 80000006: 48002200-68004200-02006140-01009140\n"
    b"CPUID 80000008: 00003030-111EF657-00000001-00010000\n"
    b"CPUID 8000001D: 00004121-01C0003F-0000003F-00000000 [SL 00]\n"
    b"CPUID 8000001E: 00000000-00000100-00000000-00000000\n"
    b"CPUID 80000026: 00000001-00000002-00000100-00000000 [SL 00]\n"
    b"------[ CPUID Registers / Logical CPU #1 ]------\n"
    b"CPUID 00000000: 00000010-68747541-444D4163-69746E65\n",

    b"basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69\n"
    b"basic_cpuid[4]=1c004121 01c0003f 0000003f 00000000\n"
    b"ext_cpuid[0]=80000008 00000000 00000000 00000000\n"
    b"intel_fn4[0]=1c004121 01c0003f 0000003f 00000000\n"
    b"intel_fn11[1]=00000004 00000010 00000201 00000000\n",
)

CPUID_FOLDERS = (
    b"pu0\n"
    b"1 0 0 0 0 => 16 756e6547 6c65746e 49656e69\n"
    b"1 1 0 0 0 => 906a3 100800 7ffafbff bfebfbff\n"
    b"5 4 0 0 0 => 4004121 2c0003f 3f 0\n"
    b"5 b 0 0 0 => 1 2 100 0\n"
    b"5 b 0 1 0 => 7 2 201 0\n\0"
    b"pu1\n"
    b"1 0 0 0 0 => 16 756e6547 6c65746e 49656e69\n"
    b"5 b 0 0 0 => 1 2 100 1\n\0",
)

HWLOC_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n<!-- a comment -->\n'
    b'<topology version="2.0">\n <object type="Machine" os_index="0" cpuset="0x00000003" nodeset="0x00000001">\n'
    b'  <info name="Backend" value="Linux"/>\n  <object type="NUMANode" os_index="0" cpuset="0x00000003"/>\n'
    b'  <object type="PU" os_index="0" cpuset="0x00000001"/>\n  <object type="PU" os_index="1" cpuset="0x00000002"/>\n'
    b' </object>\n <distances2 nbobjs="1"><indexes length="1">0</indexes></distances2>\n</topology>\n',
)

BOOT_LINES = (
    'BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet -- single',
    'isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3',
    'isolcpus=nohz,domain,1-3:1/2 nohz_full=all kthread_cpus=0 nosmt maxcpus=4 nr_cpus=8 possible_cpus=4',
    'isolcpus 4-7 nohz-full=7-4 rcu_nocb=4-N irqafinity=0-3, 5',
    'default_hugepagesz=1G hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=0:8,1:8 hugepages=2',
    'mitigations=off "name with spaces=1" transparent_hugepage=nevr intel_idle.max_cstate=0 processor.max_cstate=1',
    'workqueue.unbound_cpus=0-3 skew_tick=1 nmi_watchdog=0 tsc=reliable idle=poll intel_pstate=disable audit=0 nosoftlockup',
)

KERNEL_LISTS = (b"0-31:2/8", b"all", b"all:1/2", b"0-N", b"N", b"1,3 5\t7", b"4-4:1/1", b"0-3,0-3", b"(null)")

HTTP = (
    b"\x05GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x20GET /worker HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a:80\r\n\r\n",
    b"\x31POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    b"\x40PUT / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: z\r\n\r\n",
    b"\x02HEAD http://a/b HTTP/1.1\nhost:\t a \nconnection: close, x\n\n",
)

LOAD_REPLY = (
    b"\x20HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nOK" * 2,
    b"\x05HTTP/1.0 204 No Content\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    b"\x40HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
)

KERNEL_EVENTS = (
    b"offline@/devices/system/cpu/cpu3\0ACTION=offline\0DEVPATH=/devices/system/cpu/cpu3\0SUBSYSTEM=cpu\0SEQNUM=9\0",
    b"online@/devices/system/memory/memory32\0ACTION=online\0DEVPATH=/devices/system/memory/memory32\0SUBSYSTEM=memory\0",
    b"\1\0\0\0\x08\0\0\0\0\0\0\0\x10\0\0\0layout.json\0\0\0\0\0\1\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\0",
)

PARSE = (b"0", b"18446744073709551615", b"18446744073709551616", b"-9223372036854775808", b"0xffffffffffffffff",
         b" \t a b \r\n\n", b"isolcpus\0islocpus", b"\x1b[31m\xff")

PCI_IDS = (
    b"\x86\x80\x33\x15\xde\x10\x04\x22"
    b"# a list\n\n10de  NVIDIA Corporation\n\t2204  GA102\n\t\t10de 1234  a board\n8086  Intel Corporation\n"
    b"\t1533  I210 Gigabit Network Connection\n\t1572  X710\nffff  Illegal Vendor ID\n\nC 02  Network controller\n\t00  Ethernet\n",
)

SERVE_OPTIONS = (b"--layout\nlayout.json\n--listen=[::1]:8080\n--idle-timeout\n90s", b"--layout=-\n--check\n--force",
                 b"--layout=a\n--listen\n0.0.0.0:0\n--idle-timeout=1500ms", b"--features", b"-h")

# Lines without their sums, which the fuzzer puts before them, and a whole one.
JOURNALS = (
    b"begin apply b00t d1ge5t\nwrite /proc/sys/vm/stat_interval 1%0A 10%0A\ndone 0 10%0A\n"
    b"write /sys/fs/cgroup/cgroup.subtree_control cpu%20io%0A +cpuset%0A\nfolder /sys/fs/cgroup/torque\nundone 1\n",
    b"begin apply  d\nwrite /sys/kernel/mm/transparent_hugepage/enabled always%20[madvise]%20never%0A never%0A\nundoing 0\n",
    b"torque.journal/1\n87de9847f17fa1e5 begin apply  d74d8c93a17afb65\n",
)
# Results of torque-topo measure, which --before, --after and --measured read.
MEASURED = (
    b'{"schema": "torque.measure/1", "what": "jitter", "source": "live", "cpus": "0-1", "reliable": true, "reason": null,'
    b' "waiting": 0, "steal": 0, "clock": "tsc", "threshold_ns": 200, "edges_ns": [100, 200], "jitter": ['
    b'{"cpu": 0, "watched_ns": 1e9, "look_ns": 10, "gaps": 1, "stolen_ns": 300, "longest_ns": 300, "gaps_per_s": 1,'
    b' "gaps_per_s_spread": 0, "stolen_share": 0, "stolen_share_spread": 0, "waiting": 0, "steal": 0, "preemptions": null,'
    b' "histogram": [0, 1], "longest": [{"at_ns": 7, "length_ns": 300}], "counted": []}]}',
    b'{"schema": "torque.measure/1", "what": "cores", "source": "live", "cpus": "0-3", "levels": [{"likely": "llc",'
    b' "latency_ns": 20, "apart_ns": 90, "misfits": 0, "only_first": false, "groups": ["0-1", "2-3"]}], "rest_ns": 90,'
    b' "reliable": null, "reason": null, "waiting": null, "steal": null, "clock_ns": null, "declared": null, "pairs": null}',
    b'{"schema": "torque.measure/1", "what": "smt", "source": "live", "cpus": "0-1", "fingerprint": "0123456789abcdef", "reliable": true, "reason": null,'
    b' "waiting": 0, "steal": 0, "clock_ns": 20, "every_pair": true, "untried": 0, "cores": ["0-1"], "declared": [],'
    b' "alone": [], "pairs": [{"a": 0, "b": 1, "speed": 0.5, "spread": 0, "samples": 9, "sharing": "shared",'
    b' "certainty": "sure", "declared": false}]}',
    b'{"schema": "torque.measure/1", "what": "cache", "source": "live", "cpus": "0-3", "reliable": true, "reason": null,'
    b' "waiting": 0, "steal": 0, "measured": [{"cpu": 0, "like": "0-3", "line_bytes": 64, "page_bytes": 4096,'
    b' "clock_ns": 20, "bytes_max": 134217728, "caches": [], "tlbs": [], "cache_knees": ['
    b'{"at": 34816, "from": 32768, "to": 36864, "before_ns": 1, "after_ns": 4, "open": false},'
    b'{"at": 8388608, "from": 7340032, "to": 9437184, "before_ns": 9, "after_ns": 90, "open": true}], "tlb_knees": ['
    b'{"at": 72, "from": 64, "to": 80, "before_ns": 1, "after_ns": 2, "open": false}], "curves": []}]}',
    b'{"schema": "torque.measure/1", "what": "memory", "source": "live", "cpus": "0-3", "reliable": true, "reason": null,'
    b' "waiting": 0, "steal": 0, "clock_ns": 20, "slit": {}, "hmat": {}, "cells": ['
    + b",".join(b'{"cpu_node": %d, "memory_node": %d, "cpu": 0, "cpus": "0-1", "bytes": 4096000, "cache_bytes": 0,'
                b' "huge_share": 1, "latency_ns": %d, "latency_spread_ns": 3, "samples": 9, "read_bytes_per_s": 1,'
                b' "read_spread_bytes_per_s": 1, "placement": "elsewhere", "placement_source": "move_pages", "pages": 1000,'
                b' "pages_elsewhere": 7, "declared_distance": 20, "declared_latency_ns": null,'
                b' "declared_bytes_per_s": null, "reason": null}' % (a, b, 90 + 30 * b) for a in (0, 1) for b in (0, 1, 2))
    + b']}',
)

LATENCIES = (b",,,,\n5.1,,,,\n20,21,,,\n22,20,5.2,,\n90,91,92,93,\n", b"\n5\n6,7", b"0,5,6\r\n5,0,7\r\n6,7,0\r\n", b",5,6\n,,7\n,,\n",
             b",\n1e400,\n", b",\n-1,\n", b"cpu,0\n0,1\n")

# Pieces for the mutations. Formats with keys add those that stand in their seeds.
WORDS = {
    "archive": ("ustar", "ustar  ", "././@LongLink", "../", "path=", "\x1f\x8b", "BZh9", "(/\xb5\xfd"),
    "boot_line": ("isolcpus=", "nohz_full=", "rcu_nocbs=", "rcu_nocbs", "rcu_nocb_poll", "irqaffinity=", "kthread_cpus=",
                  "nosmt", "nosmt=force", "maxcpus=", "nr_cpus=", "possible_cpus=", "hugepagesz=", "hugepages=",
                  "default_hugepagesz=", "1G", "2M", "managed_irq,", "domain,", "nohz,", "all", "0-N", ":1/2", " -- ", "\"",
                  "workqueue.unbound_cpus=", "tuned.non_isolcpus=", "mitigations=", "transparent_hugepage=",
                  "intel_idle.max_cstate=", "processor.max_cstate=", "idle=poll", "nohz=", "skew_tick=", "nr_cpus", "-", "_",
                  "CONFIG_NO_HZ_FULL=y", "6.1.0-28-amd64"),
    "cpu_set": ("(null)", "0-3", ",", "00000000,", "ffffffff", "1048575", "1048576", "4294967295", "\n"),
    "cpuid_files": ("pu0\n", "\0pu1\n", " => ", "1 0 0 0 0 => ", "5 4 0 1 0 => ", "5 b 0 0 0 => ", "5 1f 0 0 0 => ",
                    "5 18 0 0 0 => ", "1 1a 0 0 0 => ", "1 8000001e 0 0 0 => ", "5 8000001d 0 0 0 => ",
                    "5 80000026 0 0 0 => ", "ffffffff"),
    "cpuid_text": ("CPU 0:\n", "   0x00000004 0x00: ", "eax=0x", " ebx=0x", " ecx=0x", " edx=0x", "CPUID 00000004: ",
                   "[SL 01]", "------[ Logical CPU #1 ]------\n", "CPUID Registers (CPU #1 Virtual):\n", "basic_cpuid[",
                   "ext_cpuid[", "intel_fn4[", "intel_fn11[", "]=", "0000001F", "0000000B", "8000001E", "80000026",
                   "\xff\xfe"),
    "gather_clean": ("=", "\"", " -- ", "isolcpus=", "Serial", "identification =", "Model:", "VM00 Control Program",
                     "cgroup2", " /sys/fs/cgroup ", " /dev/cpuset ", "Linux version "),
    "http": ("GET ", "POST ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: a\r\n", "Content-Length: ", "Transfer-Encoding: ",
             "chunked", "\r\n\r\n", "Connection: ", "close", "keep-alive", "Expect: 100-continue\r\n", "0\r\n\r\n", "\n",
             "18446744073709551616", "ffffffffffffffff"),
    "hwloc_xml": ("<object type=\"PU\" os_index=\"", "<object type=\"NUMANode\" ", "cpuset=\"0x", "/>", "</object>", "<!--",
                  "-->", "<!ENTITY ", "<!DOCTYPE ", "[", "<![CDATA[", "]]>", "<?xml ", "encoding=\"", "utf-16", "?>",
                  "<distances2 nbobjs=\"", "'", "complete_nodeset="),
    "input": ("{\"schema\": \"torque.machine/1\"", "<?xml version=\"1.0\"?>", "<topology", "\xef\xbb\xbf", "// ", "/*", "*/",
              "CPU 0:\n", "ustar", "sys/devices/system/cpu/online"),
    "boot_loader": ("menuentry '", "submenu '", "$menuentry_id_option ", "linux\\t", "initrd ", "set default=\"", "${next_entry}",
                    "custom.cfg", "blscfg", "options ", "title ", "sort-key ", "version ", "machine-id ", "isolcpus=", " -- ",
                    "# GRUB Environment Block\n", "saved_entry=", "next_entry=", "GRUB_CMDLINE_LINUX=\"", "+3-0.conf", "~rc1", "^git"),
    "journal": ("begin ", "write ", "folder ", "done ", "undoing ", "undone ", "%0A", "%",
                "/proc/sys/vm/", "/sys/fs/cgroup/", "/cpuset.cpus.partition", "/../", "[x]", "torque.journal/1\n"),
    "kernel_events": ("offline@", "ACTION=offline\0", "DEVPATH=/devices/system/cpu/cpu1\0", "SUBSYSTEM=cpu\0",
                      "SUBSYSTEM=memory\0", "/devices/system/memory/memory", "layout.json\0\0\0\0\0"),
    "kernel_list": ("all", "N", "-", ":1/2", "/", ",", " ", "0-3", "(null)", "4294967295", "4294967296"),
    "layout_json": ("null", "true", "\"auto\"", "4294967295", "-1", "//", "/*", "*/"),
    "emit": ("null", "isolcpus=", "nohz_full=", "\\n", "\\u0000", "`", "$(", "';", "\\\\"),
    "latency_matrix": (",", "\n", "1e9", "0", "nan", "-", "20.5", ",,\n"),
    "load_reply": ("HTTP/1.1 200 OK\r\n", "Content-Length: ", "Connection: close\r\n", "Transfer-Encoding: ", "\r\n\r\n",
                   "OK"),
    "machine_json": ("null", "true", "\"full\"", "4294967295", "18446744073709551615", "-1", "1e308", "//", "/*", "*/"),
    "parse": ("0x", "-", "18446744073709551615", "\n", "\r", "\t"),
    "pci_ids": ("\n\t", "\n\t\t", "\n#", "\nC ", "  ", "8086", "ffff", "0000"),
    "profile_json": ("null", "{isolated}", "{housekeeping}", "{", "}", "//", "/*", "*/"),
    "serve_options": ("--layout\n", "--layout=", "--listen=", "--idle-timeout=", "--check", "--features", "--force",
                      "--version", "--help", "127.0.0.1:", "[::1]:", "65535", "ms", "s", "m", "h"),
    "snapshot": ("@\n../", "\n(null)\n", "\n-1\n", "\n65535\n", "\n0-1023\n", "\nffffffff,ffffffff\n", "cpuset.cpus.effective",
                 "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "0::/a"),
}

GRUB_MENU = b"""if [ "${next_entry}" ] ; then
   set default="${next_entry}"
else
   set default="0"
fi
menuentry 'Debian GNU/Linux' --class gnu --unrestricted $menuentry_id_option 'gnulinux-simple' {
\tload_video
\tlinux\t/boot/vmlinuz-6.1.0-9 root=UUID=1234 ro  quiet isolcpus=4-11
\tinitrd\t/boot/initrd.img-6.1.0-9
}
submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced' {
\tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-9' $menuentry_id_option 'gnulinux-6.1.0-9' {
\t\tlinux\t/boot/vmlinuz-6.1.0-9 root=UUID=1234 ro single
\t}
}
if [ -f ${config_directory}/custom.cfg ]; then
  source ${config_directory}/custom.cfg
fi
blscfg
"""
BOOT_FILES = [
    GRUB_MENU,
    b"GRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet isolcpus=4-11\" # as before\nGRUB_CMDLINE_LINUX='console=ttyS0'\n",
    b"# GRUB Environment Block\nsaved_entry=gnulinux-simple\nnext_entry=1>2\n".ljust(1024, b"#"),
    b"title Fedora Linux\nversion 6.11.4-301.fc41.x86_64\nsort-key fedora\nmachine-id 4e5f0a\nlinux /vmlinuz-6.11.4\n"
    b"initrd /initramfs.img $tuned_initrd\noptions root=UUID=1234 ro quiet $tuned_params isolcpus=1\noptions nohz_full=1 -- init\n",
    b"\x06\0\0\0" + "debian-6.1.0+3-0.conf\0".encode("utf-16-le"),
    b"6.1.0-9~rc1^git1 6.12.0+3-0",
]
