#include "layout/diff_json.h"

#include "layout/json_text.h"

namespace torque {

std::string diff_json(const std::vector<Difference>& differences, const std::string& a,
                      const std::string& b) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.diff/1");
    out.member("a", std::string_view(a))
        .member("b", std::string_view(b))
        .member("equal", differences.empty());
    out.table("differences", differences, [](JsonText& row, const Difference& one) {
        row.begin_object()
            .member("section", std::string_view(one.section))
            .member("what", std::string_view(one.what));
        row.member("a", one.a).member("b", one.b).end();
    });
    return out.end().take();
}

}  // namespace torque
