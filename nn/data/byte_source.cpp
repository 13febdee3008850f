#include "nn/data/byte_source.h"

#include "nn/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <zlib.h>

namespace nn::data {
namespace {

constexpr std::size_t kGzipChunk = std::size_t{64} << 10;
// Deflate cannot expand by more than this (zlib's technical notes: 1032:1).
constexpr std::uint64_t kDeflateMaximum = 1032;

Error notReadable(const std::string& name, int reason) {
    return {ErrorCode::Io, name + " cannot be read: " + std::generic_category().message(reason) +
                               ". Check that it exists and that you may read it."};
}

class FileSource final : public ByteSource {
public:
    FileSource(std::FILE* file, std::string name, std::uint64_t size)
        : m_file(file), m_name(std::move(name)), m_left(size) {}

    Expected<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::fread(out.data(), 1, out.size(), m_file.get());
        if (count < out.size() && std::ferror(m_file.get()) != 0) {
            return tl::unexpected(notReadable(m_name, errno));
        }
        m_left -= std::min<std::uint64_t>(m_left, count);
        return count;
    }
    std::uint64_t bound() const override { return m_left; }
    bool isUnpacked() const override { return false; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::unique_ptr<std::FILE, Close> m_file;
    std::string m_name;
    std::uint64_t m_left = 0;
};

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    Expected<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), m_bytes.size());
        if (count > 0) {
            std::memcpy(out.data(), m_bytes.data(), count);
        }
        m_bytes = m_bytes.subspan(count);
        return count;
    }
    std::uint64_t bound() const override { return m_bytes.size(); }
    bool isUnpacked() const override { return false; }

private:
    std::span<const std::byte> m_bytes;
};

/// Gives back the first bytes of another source that were read to look at them.
class PeekedSource final : public ByteSource {
public:
    PeekedSource(std::span<const std::uint8_t> head, std::unique_ptr<ByteSource> rest)
        : m_head(head.begin(), head.end()), m_rest(std::move(rest)) {}

    Expected<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), m_head.size() - m_used);
        std::copy_n(m_head.begin() + static_cast<std::ptrdiff_t>(m_used), count, out.begin());
        m_used += count;
        if (count == out.size()) {
            return count;
        }
        return m_rest->read(out.subspan(count)).map([&](std::size_t more) { return count + more; });
    }
    std::uint64_t bound() const override { return m_head.size() - m_used + m_rest->bound(); }
    bool isUnpacked() const override { return false; }

private:
    std::vector<std::uint8_t> m_head;
    std::size_t m_used = 0;
    std::unique_ptr<ByteSource> m_rest;
};

/// Unpacks one or more gzip members; checks every checksum and length.
class GzipSource final : public ByteSource {
public:
    GzipSource(std::unique_ptr<ByteSource> packed, std::string name)
        : m_packed(std::move(packed)), m_name(std::move(name)), m_input(kGzipChunk) {
        // 15 + 16: the largest window, gzip framing only.
        m_isReady = inflateInit2(&m_stream, 15 + 16) == Z_OK;
    }
    ~GzipSource() override { inflateEnd(&m_stream); }

    Expected<std::size_t> read(std::span<std::uint8_t> out) override {
        if (!m_isReady) {
            return failure(ErrorCode::TooLarge, m_name + ": no memory to unpack gzip.");
        }
        std::size_t done = 0;
        while (done < out.size() && !m_isFinished) {
            const auto chunk = std::min<std::size_t>(out.size() - done, std::size_t{1} << 30);
            m_stream.next_out = out.data() + done;
            m_stream.avail_out = static_cast<uInt>(chunk);
            const Expected<void> stepped = step();
            if (!stepped) {
                return tl::unexpected(stepped.error());
            }
            done += chunk - m_stream.avail_out;
        }
        return done;
    }
    std::uint64_t bound() const override {
        return (m_packed->bound() + m_stream.avail_in) * kDeflateMaximum;
    }
    bool isUnpacked() const override { return true; }

private:
    Expected<void> step() {
        const Expected<void> filled = fill(1);
        if (!filled) {
            return filled;
        }
        if (m_stream.avail_in == 0) {
            return fault("the file ends in the middle of the packed data");
        }
        const int status = inflate(&m_stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            return nextMember();
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            const char* reason = m_stream.msg;
            return fault(std::string("the packed data are damaged (") +
                         (reason != nullptr ? reason : "no valid gzip data") + ")");
        }
        return {};
    }

    /// Reads more input until at least `wanted` bytes wait or there are no more.
    Expected<void> fill(uInt wanted) {
        if (m_stream.avail_in >= wanted) {
            return {};
        }
        std::copy_n(m_stream.next_in, m_stream.avail_in, m_input.data());
        const auto room = std::span(m_input).subspan(m_stream.avail_in);
        const Expected<std::size_t> count = m_packed->read(room);
        if (!count) {
            return tl::unexpected(count.error());
        }
        m_taken += *count;
        m_stream.next_in = m_input.data();
        m_stream.avail_in += static_cast<uInt>(*count);
        return {};
    }

    Expected<void> nextMember() {
        const Expected<void> filled = fill(2);
        if (!filled) {
            return filled;
        }
        if (m_stream.avail_in == 0) {
            m_isFinished = true;
            return {};
        }
        if (m_stream.avail_in < 2 || m_stream.next_in[0] != 0x1f || m_stream.next_in[1] != 0x8b) {
            return fault("the gzip data end here, but other bytes follow");
        }
        inflateReset(&m_stream);
        return {};
    }

    Expected<void> fault(const std::string& what) const {
        const auto offset = static_cast<std::int64_t>(m_taken - m_stream.avail_in);
        return failure(ErrorCode::InvalidFile, m_name + ", byte " + withThousands(offset) +
                                                   " of the gzip file: " + what +
                                                   ". Get the file again; gzip -t checks a copy.");
    }

    std::unique_ptr<ByteSource> m_packed;
    std::string m_name;
    std::vector<std::uint8_t> m_input;
    z_stream m_stream{};
    std::uint64_t m_taken = 0;
    bool m_isReady = false;
    bool m_isFinished = false;
};

Expected<std::unique_ptr<ByteSource>> unpackedIfGzip(std::unique_ptr<ByteSource> source,
                                                     const std::string& name) {
    std::array<std::uint8_t, 2> magic{};
    const Expected<std::size_t> count = source->read(magic);
    if (!count) {
        return tl::unexpected(count.error());
    }
    auto whole = std::make_unique<PeekedSource>(std::span(magic).first(*count), std::move(source));
    if (*count == 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
        return std::make_unique<GzipSource>(std::move(whole), name);
    }
    if (name.ends_with(".gz")) {
        return failure(ErrorCode::InvalidFile,
                       name + ", byte 0: a gzip file starts with the bytes 1f 8b, this one does "
                              "not. Get the file again, or take .gz from its name if it is not "
                              "packed.");
    }
    return whole;
}

} // namespace

Expected<std::unique_ptr<ByteSource>> openFile(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status)) {
        return tl::unexpected(notReadable(path.string(), error ? error.value() : ENOENT));
    }
    // Anything else could block for ever (a pipe) or never end (a device).
    if (!std::filesystem::is_regular_file(status)) {
        return failure(ErrorCode::Io, path.string() + " is not a regular file. Give a file.");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    std::FILE* file = error ? nullptr : std::fopen(path.c_str(), "rbe");
    if (file == nullptr) {
        return tl::unexpected(notReadable(path.string(), error ? error.value() : errno));
    }
    return unpackedIfGzip(std::make_unique<FileSource>(file, path.string(), size), path.string());
}

Expected<std::unique_ptr<ByteSource>> openMemory(std::span<const std::byte> bytes,
                                                 const std::string& name) {
    return unpackedIfGzip(std::make_unique<MemorySource>(bytes), name);
}

} // namespace nn::data
