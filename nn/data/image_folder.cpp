#include "nn/data/image_folder.h"

#include "nn/base/text.h"
#include "nn/data/fit.h"
#include "nn/data/hold_out.h"
#include "nn/data/image_listing.h"
#include "nn/tensor/shape.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

namespace nn::data {
namespace {

namespace fs = std::filesystem;

// One picture larger than this is left out: it would take longer than it is worth.
constexpr std::size_t kMostPixels = std::size_t{100} * 1000 * 1000;
constexpr std::size_t kShownProblems = 3;
constexpr std::int64_t kProgressStep = 64;

/// Image files that could not be used, and why.
struct Skipped {
    std::int64_t count = 0;
    std::vector<std::string> first;

    void add(const std::string& reason) {
        ++count;
        if (first.size() < kShownProblems) {
            first.push_back(reason);
        }
    }
};

/// Reads one folder of classes in two passes: all shapes, then all pictures.
class FolderReader {
public:
    FolderReader(ImageListing listing, fs::path root, const DataOptions& options)
        : m_listing(std::move(listing)), m_root(std::move(root)), m_options(options) {}

    /// Learns the shapes, leaves out what is no image; call it first.
    Expected<void> probe() {
        std::vector<ImageListing::Entry> usable;
        for (const ImageListing::Entry& entry : m_listing.entries) {
            const Expected<void> going = report();
            if (!going) {
                return going;
            }
            const Expected<ImageShape> shape = probed(entry.path);
            if (shape) {
                ++m_shapes[{shape->height, shape->width, std::min(shape->channels, 3)}];
                usable.push_back(entry);
            } else {
                m_skipped.add(shape.error().message);
            }
        }
        m_listing.entries = std::move(usable);
        return checkClasses();
    }

    /// The most common size; RGB as soon as one image is.
    ImageShape commonShape() const {
        const auto most =
            std::ranges::max_element(m_shapes, {}, [](const auto& item) { return item.second; });
        ImageShape shape{std::get<0>(most->first), std::get<1>(most->first), 1};
        for (const auto& [key, count] : m_shapes) {
            shape.channels = std::max(shape.channels, std::get<2>(key) == 1 ? 1 : 3);
        }
        return shape;
    }

    /// Reads every picture and makes all of them one shape.
    Expected<DatasetParts> read(const ImageShape& shape) {
        const Expected<void> fits = checkMemory(shape);
        if (!fits) {
            return tl::unexpected(fits.error());
        }
        DatasetParts parts{.shape = shape,
                           .pixels = {},
                           .labels = {},
                           .classNames = m_listing.classNames,
                           .provenance = {m_root.filename().string(), m_root.string(), {}, {}}};
        parts.pixels.reserve(m_listing.entries.size() * shape.bytes());
        std::vector<ImageListing::Entry> usable;
        for (const ImageListing::Entry& entry : m_listing.entries) {
            const Expected<void> going = report();
            if (!going) {
                return tl::unexpected(going.error());
            }
            const Expected<Image> image = decoded(entry.path);
            if (!image) {
                m_skipped.add(image.error().message);
                continue;
            }
            const Image fitted = fitImage(*image, shape);
            parts.pixels.insert(parts.pixels.end(), fitted.pixels.begin(), fitted.pixels.end());
            parts.labels.push_back(entry.label);
            usable.push_back(entry);
        }
        m_listing.entries = std::move(usable);
        return checkClasses().map([&] { return std::move(parts); });
    }

    /// What the user has to know about these images, once they are read.
    std::vector<std::string> notes(const ImageShape& shape) const {
        std::vector<std::string> sentences;
        if (m_shapes.size() > 1) {
            sentences.push_back(m_root.string() + ": images have " +
                                withThousands(static_cast<std::int64_t>(m_shapes.size())) +
                                " different shapes; all were made " + text(shape) + ".");
        } else if (commonShape() != shape) {
            sentences.push_back(m_root.string() + ": images are " + text(commonShape()) +
                                "; all were made " + text(shape) + ".");
        }
        if (m_skipped.count > 0) {
            sentences.push_back(m_root.string() + ": " + withThousands(m_skipped.count) +
                                (m_skipped.count == 1 ? " file was" : " files were") +
                                " left out: " + skippedText());
        }
        return sentences;
    }

    const std::vector<std::string>& classNames() const { return m_listing.classNames; }

    /// Gives the classes the numbers they have in `names`; an unknown class is an error.
    Expected<void> useClasses(const std::vector<std::string>& names) {
        for (ImageListing::Entry& entry : m_listing.entries) {
            const std::string& name = m_listing.classNames[static_cast<std::size_t>(entry.label)];
            const auto found = std::ranges::find(names, name);
            if (found == names.end()) {
                return failure(ErrorCode::InvalidFile,
                               m_root.string() + ": class " + name +
                                   " has no folder among the training images. Add it there or "
                                   "remove it here.");
            }
            entry.label = static_cast<std::int32_t>(found - names.begin());
        }
        m_listing.classNames = names;
        m_isTest = true;
        return {};
    }

private:
    Expected<ImageShape> probed(const fs::path& path) const {
        const Expected<ImageShape> shape = m_options.decoder.probe(path);
        if (shape && (shape->height < 1 || shape->width < 1 || shape->channels < 1 ||
                      shape->bytes() / static_cast<std::size_t>(shape->channels) > kMostPixels)) {
            return failure(ErrorCode::TooLarge,
                           path.string() + " is " + text(*shape) +
                               "; expected 1 to 100,000,000 pixels. Make it smaller.");
        }
        return shape;
    }

    Expected<Image> decoded(const fs::path& path) const {
        Expected<Image> image = m_options.decoder.decode(path);
        if (!image) {
            return image;
        }
        const ImageShape& shape = image->shape;
        const bool isKnown = shape.channels == 1 || shape.channels == 3 || shape.channels == 4;
        if (!isKnown || shape.bytes() == 0 || image->pixels.size() != shape.bytes()) {
            return failure(ErrorCode::InvalidFile,
                           path.string() +
                               ": expected a grey or RGB picture of all its pixels, "
                               "received " +
                               text(shape) + " in " +
                               withThousands(static_cast<std::int64_t>(image->pixels.size())) +
                               " bytes. Get the file again.");
        }
        return image;
    }

    Expected<void> checkMemory(const ImageShape& shape) const {
        const std::optional<std::int64_t> bytes =
            checkedProduct(static_cast<std::int64_t>(shape.bytes()),
                           static_cast<std::int64_t>(m_listing.entries.size()));
        if (bytes && static_cast<std::uint64_t>(*bytes) <= m_options.memoryBudget) {
            return {};
        }
        return failure(ErrorCode::TooLarge,
                       m_root.string() + ": " +
                           withThousands(static_cast<std::int64_t>(m_listing.entries.size())) +
                           " images of " + text(shape) + " need " +
                           (bytes ? byteText(*bytes) : "too much") + " of memory; at most " +
                           byteText(static_cast<std::int64_t>(m_options.memoryBudget)) +
                           " may be used. Choose a smaller image size, or use fewer images.");
    }

    /// A class none of whose files could be read would never be learnt.
    Expected<void> checkClasses() const {
        std::vector<std::int64_t> counts(m_listing.classNames.size());
        for (const ImageListing::Entry& entry : m_listing.entries) {
            ++counts[static_cast<std::size_t>(entry.label)];
        }
        const auto empty = std::ranges::find(counts, 0);
        if (empty == counts.end() || m_isTest) {
            return {};
        }
        const auto at = static_cast<std::size_t>(empty - counts.begin());
        return failure(ErrorCode::InvalidFile, (m_root / m_listing.classNames[at]).string() +
                                                   ": no image of this class could be read. " +
                                                   skippedText() +
                                                   " Replace the files or remove the folder.");
    }

    std::string skippedText() const {
        const std::int64_t more = m_skipped.count - std::ssize(m_skipped.first);
        return join(m_skipped.first, " ") +
               (more > 0 ? " And " + withThousands(more) + " more." : "");
    }

    Expected<void> report() {
        if (m_options.stop.stop_requested()) {
            return failure(ErrorCode::Cancelled, "Reading the images was stopped.");
        }
        if (m_options.progress && m_done % kProgressStep == 0) {
            m_options.progress(m_done / 2, std::ssize(m_listing.entries));
        }
        ++m_done;
        return {};
    }

    ImageListing m_listing;
    fs::path m_root;
    const DataOptions& m_options;
    std::map<std::tuple<int, int, int>, std::int64_t> m_shapes;
    Skipped m_skipped;
    std::int64_t m_done = 0;
    bool m_isTest = false;
};

Expected<FolderReader> probedFolder(const fs::path& root, const DataOptions& options) {
    Expected<ImageListing> listing = listImages(root);
    if (!listing) {
        return tl::unexpected(listing.error());
    }
    FolderReader reader(std::move(*listing), root, options);
    return reader.probe().map([&] { return std::move(reader); });
}

/// The first of these sub-folders that exists.
std::optional<fs::path> subFolder(const fs::path& root,
                                  std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        std::error_code error;
        if (fs::is_directory(root / name, error)) {
            return root / name;
        }
    }
    return std::nullopt;
}

bool isPossible(const ImageShape& shape) {
    return shape.height >= 1 && shape.width >= 1 && (shape.channels == 1 || shape.channels == 3);
}

Expected<Dataset> readFolder(FolderReader& reader, const ImageShape& shape,
                             std::vector<std::string>& notes) {
    Expected<DatasetParts> parts = reader.read(shape);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    std::ranges::move(reader.notes(shape), std::back_inserter(notes));
    return Dataset::fromParts(std::move(*parts));
}

/// Adds the given test images, in the shape and with the classes of the training images.
Expected<DataSource> withTestFolder(Dataset train, std::vector<std::string> notes,
                                    const fs::path& folder, const DataOptions& options) {
    Expected<FolderReader> reader = probedFolder(folder, options);
    if (!reader) {
        return tl::unexpected(reader.error());
    }
    const Expected<void> matched = reader->useClasses(train.classNames());
    if (!matched) {
        return tl::unexpected(matched.error());
    }
    Expected<Dataset> test = readFolder(*reader, train.shape(), notes);
    if (!test) {
        return tl::unexpected(test.error());
    }
    return DataSource{.train = std::move(train),
                      .test = std::move(*test),
                      .testOrigin = TestOrigin::Given,
                      .notes = std::move(notes)};
}

} // namespace

Expected<DataSource> openImageFolder(const fs::path& root, const DataOptions& options) {
    if (!options.decoder.probe || !options.decoder.decode) {
        return failure(ErrorCode::Unsupported,
                       root.string() + ": folders of images cannot be read here, because no image "
                                       "decoder was given. Use IDX files.");
    }
    if (options.imageShape && !isPossible(*options.imageShape)) {
        return failure(ErrorCode::Usage, "Images cannot be made " + text(*options.imageShape) +
                                             "; expected at least 1×1 pixels, grey or RGB.");
    }
    const std::optional<fs::path> trainFolder = subFolder(root, {"train", "training"});
    const std::optional<fs::path> testFolder =
        subFolder(root, {"test", "testing", "val", "valid", "validation"});
    const bool isSplit = trainFolder && testFolder;
    Expected<FolderReader> train = probedFolder(isSplit ? *trainFolder : root, options);
    if (!train) {
        return tl::unexpected(train.error());
    }
    const ImageShape shape = options.imageShape.value_or(train->commonShape());
    std::vector<std::string> notes;
    Expected<Dataset> images = readFolder(*train, shape, notes);
    if (!images) {
        return tl::unexpected(images.error());
    }
    if (isSplit) {
        return withTestFolder(std::move(*images), std::move(notes), *testFolder, options);
    }
    return heldOut(*images, options.heldOutFraction, options.seed).map([&](DataSource all) {
        all.notes.insert(all.notes.begin(), notes.begin(), notes.end());
        return all;
    });
}

} // namespace nn::data
