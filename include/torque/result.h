// Result<T>: a value, or an Error that says what went wrong, where, and how to mend it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace torque {

enum class ErrorKind {
    failure,     // the work could not be done: a file, the kernel, the network
    usage,       // the caller asked for something that does not exist
    infeasible,  // the request is well formed but this machine cannot fulfil it
};

struct [[nodiscard]] Error {
    std::string what;        // one sentence without a full stop: "cannot read the layout"
    std::string where = {};  // file, path in a document, option: "layout.json: /workers/2/cpu"; may be empty
    std::string hint = {};   // what to do about it; may be empty
    ErrorKind kind = ErrorKind::failure;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string what, std::string where = {}, std::string hint = {},
                                  ErrorKind kind = ErrorKind::failure) {
    return tl::unexpected<Error>(Error{std::move(what), std::move(where), std::move(hint), kind});
}

}  // namespace torque
