#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace nn {

/// Why an operation failed for a reason outside the program; decides the exit code of the command
/// line.
enum class ErrorCode {
    Usage,       ///< The caller asked for something that does not exist or makes no sense.
    Io,          ///< A file or folder could not be read or written.
    InvalidFile, ///< A file was read but its content is not what it should be.
    Unsupported, ///< The content is valid, but this program cannot handle it.
    TooLarge,    ///< It does not fit into memory or a limit.
    Diverged,    ///< Training produced a value that is not finite.
    Cancelled,   ///< The user stopped it.
};

/// A failure as the user will read it: what was expected, what was received, where, what to do.
struct Error {
    ErrorCode code = ErrorCode::Usage;
    std::string message;

    /// The same failure with the place it happened put in front: "where: message".
    [[nodiscard]] Error in(std::string_view where) const {
        return Error{code, std::string(where) + ": " + message};
    }

    bool operator==(const Error&) const = default;
};

template <typename T>
using Expected = tl::expected<T, Error>;

/// An `Expected` that holds an error.
[[nodiscard]] inline tl::unexpected<Error> failure(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// Passes an error on, adding where it happened.
[[nodiscard]] inline tl::unexpected<Error> failure(const Error& error, std::string_view where) {
    return tl::unexpected<Error>(error.in(where));
}

} // namespace nn
