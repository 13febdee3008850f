#include "nn/io/file.h"

#include "nn/base/text.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nn::io {
namespace {

namespace fs = std::filesystem;

Error systemError(const fs::path& path, std::string_view what, int number) {
    std::string advice;
    switch (number) {
    case ENOENT:
        advice = " Check the name and the folder.";
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        advice = " Choose another folder, or change its permissions.";
        break;
    case ENOSPC:
    case EDQUOT:
        advice = " Free some space, or choose another disk.";
        break;
    default:
        break;
    }
    return {ErrorCode::Io,
            path.string() + ": " + std::string(what) + ": " + std::strerror(number) + "." + advice};
}

/// Closes a file descriptor when it goes out of scope.
class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    [[nodiscard]] int number() const { return m_number; }
    int close() {
        const int number = std::exchange(m_number, -1);
        return number < 0 ? 0 : ::close(number);
    }

private:
    int m_number;
};

Expected<void> synced(const fs::path& path, int flags) {
    const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
    if (file.number() < 0 || ::fsync(file.number()) != 0) {
        return tl::unexpected(systemError(path, "could not be written to the disk", errno));
    }
    return {};
}

Expected<void> writeAll(const fs::path& path, std::span<const std::byte> content) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.number() < 0) {
        return tl::unexpected(systemError(path, "could not be made", errno));
    }
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return tl::unexpected(systemError(path, "could not be written", errno));
        }
        content = content.subspan(static_cast<std::size_t>(written));
    }
    if (file.close() != 0) {
        return tl::unexpected(systemError(path, "could not be written", errno));
    }
    return {};
}

/// Follows a link, so that the file it points to is replaced and not the link.
fs::path realTarget(const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::weakly_canonical(path, error);
    return error ? path : target;
}

} // namespace

Expected<std::string> fileContent(const fs::path& path, std::int64_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
        return tl::unexpected(systemError(path, "could not be opened", errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(ErrorCode::Io,
                       path.string() + ": expected a file, but this is " +
                           (S_ISDIR(status.st_mode) ? "a folder." : "something else."));
    }
    if (status.st_size > limit) {
        return failure(ErrorCode::TooLarge, path.string() + ": expected at most " +
                                                byteText(limit) + ", but the file has " +
                                                byteText(status.st_size) + ".");
    }
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        const ssize_t got = ::read(file.number(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tl::unexpected(systemError(path, "could not be read", errno));
        }
        if (got == 0) {
            break; // shortened meanwhile; the reader will notice what is missing
        }
        filled += static_cast<std::size_t>(got);
    }
    content.resize(filled);
    return content;
}

Expected<void> replaceFile(const fs::path& path,
                           const std::function<Expected<void>(const fs::path&)>& write) {
    const fs::path target = realTarget(path);
    fs::path temporary = target;
    temporary += "." + std::to_string(::getpid()) + ".part";
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;

    Expected<void> done = write(temporary);
    if (done) {
        done = synced(temporary, O_RDONLY);
    }
    if (done && exists) {
        static_cast<void>(::chmod(temporary.c_str(), old.st_mode & 07777U));
    }
    if (done && ::rename(temporary.c_str(), target.c_str()) != 0) {
        done = tl::unexpected(systemError(target, "could not be replaced", errno));
    }
    if (!done) {
        ::unlink(temporary.c_str());
        Error error = done.error();
        if (const std::size_t at = error.message.find(temporary.string());
            at != std::string::npos) {
            error.message.replace(at, temporary.string().size(), target.string());
        }
        return tl::unexpected(error);
    }
    // The new name is in the folder; its sync makes that survive a power cut.
    return synced(target.has_parent_path() ? target.parent_path() : fs::path("."),
                  O_RDONLY | O_DIRECTORY);
}

Expected<void> replaceFile(const fs::path& path, std::span<const std::byte> content) {
    return replaceFile(
        path, [content](const fs::path& temporary) { return writeAll(temporary, content); });
}

Expected<void> replaceFile(const fs::path& path, std::string_view content) {
    return replaceFile(path, std::as_bytes(std::span(content)));
}

} // namespace nn::io
