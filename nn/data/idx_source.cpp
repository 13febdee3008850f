#include "nn/data/idx_source.h"

#include "nn/base/text.h"
#include "nn/data/class_names.h"
#include "nn/data/hold_out.h"
#include "nn/tensor/shape.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nn::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestSide = 65'535;

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = lowerCase(text).find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string withoutGzip(const std::string& name) {
    return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

/// The file itself, or the same name with .gz put on or taken off.
std::optional<fs::path> existing(const fs::path& path) {
    const std::string plain = withoutGzip(path.string());
    for (const fs::path& candidate : {path, fs::path(plain), fs::path(plain + ".gz")}) {
        std::error_code error;
        if (fs::is_regular_file(candidate, error)) {
            return candidate;
        }
    }
    return std::nullopt;
}

fs::path labelsPath(const fs::path& images) {
    const std::string name = images.filename().string();
    return images.parent_path() / replaced(replaced(name, "images", "labels"), "idx3", "idx1");
}

fs::path imagesPath(const fs::path& labels) {
    const std::string name = labels.filename().string();
    return labels.parent_path() / replaced(replaced(name, "labels", "images"), "idx1", "idx3");
}

bool isTrainName(const std::string& name) {
    return contains(lowerCase(name), "train");
}

/// The test images that belong to these training images, if they lie beside them.
std::optional<fs::path> testImagesFor(const fs::path& train) {
    for (const std::string_view word : {"t10k", "test"}) {
        const std::string name = replaced(train.filename().string(), "train", word);
        const std::optional<fs::path> found = existing(train.parent_path() / name);
        if (found && found->filename() != train.filename()) {
            return found;
        }
    }
    return std::nullopt;
}

Expected<DatasetParts> readPair(const fs::path& images, std::uint64_t memoryBudget) {
    const std::optional<fs::path> labels = existing(labelsPath(images));
    if (!labels) {
        return failure(ErrorCode::Io,
                       "The labels of " + images.string() + " are missing: expected " +
                           labelsPath(images).string() +
                           " (with or without .gz). Put that file beside the images.");
    }
    Expected<IdxArray> imageArray = readIdx(images, memoryBudget);
    if (!imageArray) {
        return tl::unexpected(imageArray.error());
    }
    const Expected<IdxArray> labelArray = readIdx(*labels, memoryBudget);
    if (!labelArray) {
        return tl::unexpected(labelArray.error());
    }
    Expected<DatasetParts> parts = partsFromIdx(std::move(*imageArray), *labelArray);
    if (parts) {
        parts->provenance.title = images.parent_path().filename().string();
        parts->provenance.location = images.string();
    }
    return parts;
}

Expected<DataSource> openImages(const fs::path& images, const DataOptions& options) {
    std::vector<DatasetParts> parts;
    std::vector<fs::path> files{existing(images).value_or(images)};
    if (isTrainName(images.filename().string())) {
        if (const std::optional<fs::path> test = testImagesFor(images)) {
            files.push_back(*test);
        }
    }
    for (const fs::path& file : files) {
        Expected<DatasetParts> part = readPair(file, options.memoryBudget);
        if (!part) {
            return tl::unexpected(part.error());
        }
        parts.push_back(std::move(*part));
    }
    return sourceFromParts(std::move(parts), options);
}

/// Image files of a folder; of a packed and an unpacked copy only the unpacked one.
Expected<std::vector<fs::path>> imageFiles(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        const bool hasPlainCopy =
            name.ends_with(".gz") && fs::exists(folder / withoutGzip(name), ignored);
        if (isIdxImagesName(name) && !hasPlainCopy) {
            files.push_back(it->path());
        }
    }
    if (error) {
        return failure(ErrorCode::Io, folder.string() + " cannot be read: " + error.message() +
                                          ". Check that you may read this folder.");
    }
    std::ranges::sort(files);
    return files;
}

std::string fileNames(const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    for (const fs::path& file : files) {
        names.push_back(file.filename().string());
    }
    return join(names, ", ");
}

} // namespace

bool isIdxImagesName(const std::string& fileName) {
    const std::string name = lowerCase(fileName);
    return contains(name, "images") && (contains(name, "idx") || contains(name, "ubyte"));
}

bool isIdxLabelsName(const std::string& fileName) {
    const std::string name = lowerCase(fileName);
    return contains(name, "labels") && (contains(name, "idx") || contains(name, "ubyte"));
}

Expected<DatasetParts> partsFromIdx(IdxArray images, const IdxArray& labels) {
    const std::vector<std::int64_t>& extents = images.extents;
    const std::int64_t channels = extents.size() == 4 ? extents[3] : 1;
    const bool isImage = (extents.size() == 3 || extents.size() == 4) &&
                         images.type == IdxType::UInt8 &&
                         (channels == 1 || channels == 3 || channels == 4);
    if (!isImage) {
        return failure(ErrorCode::InvalidFile,
                       images.name +
                           ", byte 2: expected images (type 08, count × height × width, "
                           "or with 1, 3 or 4 channels behind), found type " +
                           std::to_string(static_cast<int>(images.type)) + " and " +
                           shapeText(Shape(extents)) +
                           ". Choose the file with images in its name.");
    }
    if (std::ranges::any_of(extents, [](std::int64_t extent) { return extent == 0; }) ||
        extents[1] > kLargestSide || extents[2] > kLargestSide) {
        return failure(ErrorCode::InvalidFile,
                       images.name +
                           ", byte 4: expected at least one image of 1×1 to 65535×65535 "
                           "pixels, the header says " +
                           shapeText(Shape(extents)) + ". Choose another file.");
    }
    Expected<std::vector<std::int32_t>> numbers = idxLabels(labels);
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    if (labels.extents[0] != extents[0]) {
        return failure(ErrorCode::InvalidFile,
                       labels.name + ", byte 4: expected " + withThousands(extents[0]) +
                           " labels, one for each image of " + images.name + ", the header says " +
                           withThousands(labels.extents[0]) +
                           ". Use images and labels that belong together.");
    }
    return DatasetParts{.shape = {static_cast<int>(extents[1]), static_cast<int>(extents[2]),
                                  static_cast<int>(channels)},
                        .pixels = std::move(images.bytes),
                        .labels = std::move(*numbers),
                        .classNames = {},
                        .provenance = {}};
}

Expected<DataSource> sourceFromParts(std::vector<DatasetParts> parts, const DataOptions& options) {
    if (parts.size() > 1 && parts[0].shape != parts[1].shape) {
        return failure(ErrorCode::InvalidFile,
                       parts[1].provenance.location + ": expected test images of " +
                           text(parts[0].shape) + " like those of " + parts[0].provenance.location +
                           ", found " + text(parts[1].shape) + ". Use files that belong together.");
    }
    std::int32_t largest = 0;
    for (const DatasetParts& part : parts) {
        largest = std::max(largest, *std::ranges::max_element(part.labels));
    }
    const bool isFashion = areFashionLabels(parts[0].labels) && largest < 10;
    std::vector<Dataset> sets;
    for (DatasetParts& part : parts) {
        if (part.classNames.empty() && isFashion) {
            part.provenance = fashionProvenance("Fashion-MNIST", part.provenance.location);
        }
        if (part.classNames.empty()) {
            part.classNames = isFashion ? fashionClassNames()
                                        : numberedClassNames(static_cast<std::size_t>(largest) + 1);
        }
        Expected<Dataset> set = Dataset::fromParts(std::move(part));
        if (!set) {
            return tl::unexpected(set.error());
        }
        sets.push_back(std::move(*set));
    }
    if (sets.size() == 1) {
        return heldOut(sets[0], options.heldOutFraction, options.seed);
    }
    return DataSource{.train = sets[0], .test = sets[1], .testOrigin = TestOrigin::Given};
}

Expected<DataSource> openIdxFolder(const fs::path& folder, const DataOptions& options) {
    const Expected<std::vector<fs::path>> files = imageFiles(folder);
    if (!files) {
        return tl::unexpected(files.error());
    }
    std::vector<fs::path> train;
    std::ranges::copy_if(*files, std::back_inserter(train), [](const fs::path& file) {
        return isTrainName(file.filename().string());
    });
    const std::vector<fs::path>& candidates = train.empty() ? *files : train;
    if (candidates.empty()) {
        return failure(ErrorCode::InvalidFile,
                       folder.string() + " has no IDX images. Expected files such as "
                                         "train-images-idx3-ubyte and train-labels-idx1-ubyte, "
                                         "with or without .gz.");
    }
    if (candidates.size() > 1) {
        return failure(ErrorCode::Usage, folder.string() +
                                             " holds several data sets: " + fileNames(candidates) +
                                             ". Choose one by giving its images file.");
    }
    return openImages(candidates.front(), options);
}

Expected<DataSource> openIdxFile(const fs::path& file, const DataOptions& options) {
    if (isIdxLabelsName(file.filename().string())) {
        const std::optional<fs::path> images = existing(imagesPath(file));
        if (!images) {
            return failure(ErrorCode::Io, "The images of " + file.string() +
                                              " are missing: expected " +
                                              imagesPath(file).string() +
                                              " (with or without .gz). Put that file beside it.");
        }
        return openImages(*images, options);
    }
    return openImages(file, options);
}

} // namespace nn::data
