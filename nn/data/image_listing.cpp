#include "nn/data/image_listing.h"

#include "nn/base/text.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace nn::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostClasses = 10'000;
constexpr std::size_t kMostImages = 5'000'000;
constexpr std::array<std::string_view, 8> kExtensions{".png", ".jpg",  ".jpeg", ".bmp",
                                                      ".gif", ".webp", ".ppm",  ".pgm"};

tl::unexpected<Error> notReadable(const fs::path& folder, const std::error_code& error) {
    return failure(ErrorCode::Io, folder.string() + " cannot be read: " + error.message() +
                                      ". Check that the folder exists and that you may read it.");
}

bool isImageName(const fs::path& path) {
    return std::ranges::find(kExtensions, lowerCase(path.extension().string())) !=
           kExtensions.end();
}

bool isHidden(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name == "__MACOSX";
}

/// A link may point anywhere; only files that are really inside the data folder are taken.
bool staysInside(const fs::path& path, const fs::path& root) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) {
        return true;
    }
    const fs::path target = fs::canonical(path, error);
    const fs::path top = error ? fs::path() : fs::canonical(root, error);
    return !error && std::ranges::mismatch(top, target).in1 == top.end();
}

Expected<std::vector<fs::path>> imagesOf(const fs::path& folder, const fs::path& root) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!isHidden(it->path()) && isImageName(it->path()) && it->is_regular_file(ignored) &&
            staysInside(it->path(), root)) {
            files.push_back(it->path());
        }
    }
    if (error) {
        return notReadable(folder, error);
    }
    std::ranges::sort(files);
    return files;
}

Expected<void> checkClassCount(const fs::path& root, const std::vector<fs::path>& folders) {
    if (folders.size() >= 2 && folders.size() <= kMostClasses) {
        return {};
    }
    std::string found = "has no folders";
    if (folders.size() == 1) {
        found = "has only one, " + folders.front().filename().string();
    } else if (folders.size() > kMostClasses) {
        found = "has " + withThousands(static_cast<std::int64_t>(folders.size()));
    }
    return failure(ErrorCode::InvalidFile,
                   root.string() + ": expected a folder for each class, 2 to " +
                       withThousands(kMostClasses) + ", with its images inside; it " + found +
                       ". Make one folder for each class.");
}

} // namespace

Expected<std::vector<fs::path>> visibleFolders(const fs::path& root) {
    std::error_code error;
    std::vector<fs::path> folders;
    for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_directory(ignored) && !isHidden(it->path()) && staysInside(it->path(), root)) {
            folders.push_back(it->path());
        }
    }
    if (error) {
        return notReadable(root, error);
    }
    std::ranges::sort(folders);
    return folders;
}

Expected<ImageListing> listImages(const fs::path& root) {
    const Expected<std::vector<fs::path>> folders = visibleFolders(root);
    if (!folders) {
        return tl::unexpected(folders.error());
    }
    const Expected<void> checked = checkClassCount(root, *folders);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    ImageListing listing;
    for (const fs::path& folder : *folders) {
        const Expected<std::vector<fs::path>> files = imagesOf(folder, root);
        if (!files) {
            return tl::unexpected(files.error());
        }
        if (files->empty()) {
            return failure(ErrorCode::InvalidFile,
                           folder.string() + ": this class has no images. Expected files that end "
                                             "in .png, .jpg, .jpeg, .bmp, .gif, .webp, .ppm or "
                                             ".pgm. Add images or remove the folder.");
        }
        const auto label = static_cast<std::int32_t>(listing.classNames.size());
        listing.classNames.push_back(folder.filename().string());
        for (const fs::path& file : *files) {
            listing.entries.push_back({file, label});
        }
        if (listing.entries.size() > kMostImages) {
            return failure(ErrorCode::TooLarge, root.string() + " has more than " +
                                                    withThousands(kMostImages) +
                                                    " images. Use fewer images.");
        }
    }
    return listing;
}

} // namespace nn::data
