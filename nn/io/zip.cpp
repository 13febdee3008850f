#include "nn/io/zip.h"

#include "nn/base/text.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <zip.h>

namespace nn::io {
namespace {

constexpr zip_int64_t kMostMembers = 10'000;
constexpr std::uint64_t kLargestRatio = 100;
constexpr std::uint64_t kRatioFrom = 1U << 20U;
// 1 January 2020 in DOS time; the time of saving is the file's own.
constexpr zip_uint16_t kDosDate = (2020 - 1980) << 9 | 1 << 5 | 1;

/// Feeds the pieces of an entry to libzip without joining them in memory.
struct PieceSource {
    std::vector<std::span<const std::byte>> pieces;
    std::size_t piece = 0;
    std::size_t offset = 0;
    zip_error_t error{};

    [[nodiscard]] std::uint64_t size() const {
        std::uint64_t sum = 0;
        for (const auto& each : pieces) {
            sum += each.size();
        }
        return sum;
    }

    zip_int64_t read(void* target, std::uint64_t length) {
        auto* out = static_cast<std::byte*>(target);
        std::uint64_t done = 0;
        while (done < length && piece < pieces.size()) {
            const auto rest = pieces[piece].subspan(offset);
            const std::size_t count = std::min<std::size_t>(rest.size(), length - done);
            std::memcpy(out + done, rest.data(), count);
            done += count;
            offset += count;
            if (offset == pieces[piece].size()) {
                ++piece;
                offset = 0;
            }
        }
        return static_cast<zip_int64_t>(done);
    }

    zip_int64_t stat(void* data) const {
        auto* stat = static_cast<zip_stat_t*>(data);
        zip_stat_init(stat);
        stat->size = size();
        stat->valid = ZIP_STAT_SIZE;
        return sizeof(zip_stat_t);
    }

    static zip_int64_t call(void* state, void* data, zip_uint64_t length,
                            zip_source_cmd_t command) {
        auto* source = static_cast<PieceSource*>(state);
        switch (command) {
        case ZIP_SOURCE_OPEN:
            source->piece = 0;
            source->offset = 0;
            return 0;
        case ZIP_SOURCE_READ:
            return source->read(data, length);
        case ZIP_SOURCE_CLOSE:
            return 0;
        case ZIP_SOURCE_STAT:
            return source->stat(data);
        case ZIP_SOURCE_ERROR:
            return zip_error_to_data(&source->error, data, length);
        case ZIP_SOURCE_FREE:
            delete source;
            return 0;
        case ZIP_SOURCE_SUPPORTS:
            return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ,
                                                  ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                                  ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
        default:
            zip_error_set(&source->error, ZIP_ER_OPNOTSUPP, 0);
            return -1;
        }
    }
};

std::string problemText(zip_t* archive) {
    return zip_strerror(archive);
}

bool addEntry(zip_t* archive, const ZipEntry& entry) {
    auto state = std::make_unique<PieceSource>();
    state->pieces = entry.pieces;
    zip_source_t* source = zip_source_function(archive, PieceSource::call, state.get());
    if (source == nullptr) {
        return false;
    }
    static_cast<void>(state.release()); // libzip frees it with the source
    const zip_int64_t index = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    const auto member = static_cast<zip_uint64_t>(index);
    return zip_set_file_compression(archive, member,
                                    entry.compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive, member, 0, kDosDate, 0) == 0;
}

} // namespace

Expected<void> writeZip(const std::filesystem::path& path, std::span<const ZipEntry> entries) {
    int code = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    const auto failed = [&](const std::string& reason) {
        return failure(ErrorCode::Io, path.string() + " could not be written: " + reason +
                                          ". Check the free space and the folder's permissions.");
    };
    if (archive == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        return failed(reason);
    }
    for (const ZipEntry& entry : entries) {
        if (!addEntry(archive, entry)) {
            const std::string reason = problemText(archive);
            zip_discard(archive);
            return failed(reason);
        }
    }
    if (zip_close(archive) != 0) {
        const std::string reason = problemText(archive);
        zip_discard(archive);
        return failed(reason);
    }
    return {};
}

struct ZipReader::Archive {
    zip_t* handle = nullptr;
    std::map<std::string, zip_uint64_t, std::less<>> members;

    Archive() = default;
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;
    ~Archive() {
        if (handle != nullptr) {
            zip_discard(handle);
        }
    }
};

Expected<ZipReader> ZipReader::open(const std::filesystem::path& path) {
    int code = 0;
    auto archive = std::make_shared<Archive>();
    archive->handle = zip_open(path.c_str(), ZIP_RDONLY, &code);
    if (archive->handle == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        const bool missing = code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ;
        zip_error_fini(&error);
        return failure(missing ? ErrorCode::Io : ErrorCode::InvalidFile,
                       path.string() + ": expected a zip archive, but: " + reason + ".");
    }
    const zip_int64_t count = zip_get_num_entries(archive->handle, 0);
    if (count > kMostMembers) {
        return failure(ErrorCode::InvalidFile,
                       path.string() + ": expected at most " + withThousands(kMostMembers) +
                           " members, but it has " + withThousands(count) + ".");
    }
    for (zip_int64_t i = 0; i < count; ++i) {
        const char* name = zip_get_name(archive->handle, static_cast<zip_uint64_t>(i), 0);
        if (name == nullptr ||
            !archive->members.emplace(name, static_cast<zip_uint64_t>(i)).second) {
            return failure(ErrorCode::InvalidFile,
                           path.string() + ": a member has no name or one given twice.");
        }
    }
    return ZipReader(std::move(archive));
}

bool ZipReader::contains(std::string_view name) const {
    return m_archive->members.contains(name);
}

Expected<std::string> ZipReader::content(std::string_view name, std::int64_t limit) const {
    const std::string where = "member \"" + std::string(name) + "\"";
    const auto found = m_archive->members.find(name);
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (found == m_archive->members.end() ||
        zip_stat_index(m_archive->handle, found->second, 0, &stat) != 0 ||
        (stat.valid & ZIP_STAT_SIZE) == 0 || (stat.valid & ZIP_STAT_COMP_SIZE) == 0) {
        return failure(ErrorCode::InvalidFile, "The " + where + " is missing.");
    }
    if (stat.size > static_cast<std::uint64_t>(limit)) {
        return failure(ErrorCode::TooLarge, "The " + where + " has " +
                                                byteText(static_cast<std::int64_t>(stat.size)) +
                                                ", more than the " + byteText(limit) + " allowed.");
    }
    if (stat.size > kRatioFrom &&
        stat.size / std::max<std::uint64_t>(stat.comp_size, 1) > kLargestRatio) {
        return failure(ErrorCode::InvalidFile, "The " + where +
                                                   " is packed more than 100 to 1, "
                                                   "which no real one is.");
    }
    zip_file_t* file = zip_fopen_index(m_archive->handle, found->second, 0);
    if (file == nullptr) {
        return failure(ErrorCode::InvalidFile,
                       "The " + where + " cannot be read: " + problemText(m_archive->handle) + ".");
    }
    std::string content(stat.size, '\0');
    const zip_int64_t got = zip_fread(file, content.data(), content.size());
    const int closed = zip_fclose(file);
    if (got != static_cast<zip_int64_t>(content.size()) || closed != 0) {
        return failure(ErrorCode::InvalidFile, "The " + where + " is damaged: expected " +
                                                   std::to_string(content.size()) +
                                                   " bytes with the right checksum.");
    }
    return content;
}

} // namespace nn::io
