#include "nn/data/sources.h"

#include "nn/base/text.h"
#include "nn/data/class_names.h"
#include "nn/data/embedded.h"
#include "nn/data/hold_out.h"
#include "nn/data/idx_source.h"
#include "nn/data/image_folder.h"
#include "nn/data/image_listing.h"

#include <algorithm>
#include <cstdlib>

namespace nn::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSupported =
    "Supported are the names digits, fashion-mini and fashion-mnist, a folder of IDX files "
    "(train-images-idx3-ubyte, with or without .gz), one IDX file of images with its labels "
    "beside it, and a folder with one folder of images for each class";

const Provenance& digitsProvenance() {
    static const Provenance provenance{
        "UCI digits", "built in", "CC BY 4.0",
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository, DOI 10.24432/C50P49; values scaled from 0–16 to 0–255"};
    return provenance;
}

Expected<DatasetParts> embeddedParts(const std::string& prefix) {
    const auto read = [](const std::string& name) {
        return parseIdx(embeddedFile(name), name, kMemoryBudget);
    };
    Expected<IdxArray> images = read(prefix + "images-idx3-ubyte.gz");
    const Expected<IdxArray> labels = read(prefix + "labels-idx1-ubyte.gz");
    if (!images || !labels) {
        return tl::unexpected(images ? labels.error() : images.error());
    }
    return partsFromIdx(std::move(*images), *labels);
}

Expected<DataSource> openDigits(const DataOptions& options) {
    Expected<DatasetParts> parts = embeddedParts("digits-");
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    parts->provenance = digitsProvenance();
    std::vector<DatasetParts> all;
    all.push_back(std::move(*parts));
    return sourceFromParts(std::move(all), options);
}

Expected<DataSource> openFashionMini(const DataOptions& options) {
    std::vector<DatasetParts> all;
    for (const std::string part : {"train", "t10k"}) {
        Expected<DatasetParts> parts = embeddedParts("fashion-mini-" + part + "-");
        if (!parts) {
            return tl::unexpected(parts.error());
        }
        parts->provenance = fashionProvenance("Fashion-MNIST mini", "built in");
        parts->classNames = fashionClassNames();
        all.push_back(std::move(*parts));
    }
    return sourceFromParts(std::move(all), options);
}

bool hasTrainingImages(const fs::path& folder) {
    std::error_code error;
    const fs::path images = folder / "train-images-idx3-ubyte";
    return fs::exists(images, error) || fs::exists(images.string() + ".gz", error);
}

std::vector<fs::path> fashionFolders(const DataOptions& options) {
    std::vector<fs::path> folders;
    for (const fs::path& folder : options.searchFolders) {
        folders.push_back(folder);
        folders.push_back(folder / "fashion-mnist");
    }
    for (const fs::path& folder : options.systemFolders) {
        folders.push_back(folder / "fashion-mnist");
    }
    return folders;
}

Expected<DataSource> openFashionMnist(const DataOptions& options) {
    const std::vector<fs::path> folders = fashionFolders(options);
    const auto found = std::ranges::find_if(folders, hasTrainingImages);
    if (found == folders.end()) {
        std::vector<std::string> names;
        std::ranges::transform(folders, std::back_inserter(names),
                               [](const fs::path& folder) { return folder.string(); });
        return failure(ErrorCode::Io,
                       "Fashion-MNIST is not installed: no train-images-idx3-ubyte.gz in " +
                           (names.empty() ? "any folder" : join(names, ", ")) +
                           ". Install the Debian package dataset-fashion-mnist (sudo apt install "
                           "dataset-fashion-mnist), add your folder to the data folders, or use "
                           "fashion-mini, which is built in.");
    }
    return openIdxFile(*found / "train-images-idx3-ubyte.gz", options);
}

Expected<DataSource> openFolder(const fs::path& folder, const DataOptions& options) {
    std::error_code error;
    bool hasIdx = false;
    bool hasBatches = false;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        hasIdx = hasIdx || isIdxImagesName(name);
        hasBatches = hasBatches || (name.starts_with("data_batch") && name.ends_with(".bin"));
    }
    if (hasIdx) {
        return openIdxFolder(folder, options);
    }
    if (hasBatches) {
        return failure(ErrorCode::Unsupported, folder.string() +
                                                   ": CIFAR's binary files cannot be read yet. " +
                                                   std::string(kSupported) + ".");
    }
    return openImageFolder(folder, options);
}

Expected<DataSource> openPath(const fs::path& path, const DataOptions& options) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        return openFolder(path, options);
    }
    if (isIdxImagesName(path.filename().string()) || isIdxLabelsName(path.filename().string())) {
        return openIdxFile(path, options);
    }
    return failure(ErrorCode::Unsupported, path.string() +
                                               " is not a kind of data that can be "
                                               "read. " +
                                               std::string(kSupported) + ".");
}

tl::unexpected<Error> notFound(const std::string& spec) {
    std::vector<std::string> names;
    std::ranges::transform(knownSources(), std::back_inserter(names), &KnownSource::spec);
    const std::optional<std::string> meant = nearest(spec, names);
    return failure(ErrorCode::Io, "There is no data set, file or folder named " + spec + ". " +
                                      (meant ? "Did you mean " + *meant + "? " : "") +
                                      std::string(kSupported) + ".");
}

} // namespace

std::vector<fs::path> systemDataFolders() {
    const char* variable = std::getenv("XDG_DATA_DIRS");
    std::string folders = variable != nullptr ? variable : "";
    folders += ":/usr/local/share:/usr/share";
    std::vector<fs::path> found;
    for (const std::string& folder : split(folders, ':')) {
        const fs::path data = (fs::path(folder) / "datasets").lexically_normal();
        if (!folder.empty() && std::ranges::find(found, data) == found.end()) {
            found.push_back(data);
        }
    }
    return found;
}

const std::vector<KnownSource>& knownSources() {
    static const std::vector<KnownSource> sources{
        {"digits", "UCI digits", "1,797 handwritten digits, 8×8 grey, 10 classes; built in"},
        {"fashion-mini", "Fashion-MNIST mini",
         "6,000 + 1,000 pictures of clothes, 28×28 grey, 10 classes; built in"},
        {"fashion-mnist", "Fashion-MNIST",
         "60,000 + 10,000 pictures of clothes, 28×28 grey, 10 classes; Debian package "
         "dataset-fashion-mnist"}};
    return sources;
}

Expected<DataSource> openDataset(std::string_view spec, const DataOptions& options) {
    if (spec == "digits") {
        return openDigits(options);
    }
    if (spec == "fashion-mini") {
        return openFashionMini(options);
    }
    if (spec == "fashion-mnist") {
        return openFashionMnist(options);
    }
    const fs::path path{std::string(spec)};
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (spec.empty() || status.type() == fs::file_type::not_found) {
        return notFound(std::string(spec));
    }
    if (error) {
        return failure(ErrorCode::Io, path.string() + " cannot be read: " + error.message() +
                                          ". Check that you may read it.");
    }
    return openPath(path, options);
}

} // namespace nn::data
