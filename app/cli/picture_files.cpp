#include "app/cli/picture_files.h"

#include "widgets/images/tensor_image.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace app::cli {
namespace {

using widgets::ColorMapName;

constexpr int kSheetTile = 64; ///< Least side of a tile on the sheet of all, in pixels.
constexpr int kSheetGap = 4;

QString shown(double value) {
    return QString::number(value, 'g', 3);
}

QImage sheetOf(const std::vector<QImage>& pictures) {
    const QSize size = pictures.front().size();
    const int factor = std::max(1, kSheetTile / std::max(size.width(), size.height()));
    const QSize tile = size * factor;
    const auto count = static_cast<int>(pictures.size());
    const int columns =
        std::max(1, static_cast<int>(std::ceil(std::sqrt(
                        static_cast<double>(count) * tile.height() / std::max(1, tile.width())))));
    const int rows = (count + columns - 1) / columns;
    QImage sheet(columns * (tile.width() + kSheetGap) + kSheetGap,
                 rows * (tile.height() + kSheetGap) + kSheetGap, QImage::Format_RGB32);
    sheet.fill(Qt::white);
    QPainter painter(&sheet);
    for (int i = 0; i < count; ++i) {
        const QPoint at(kSheetGap + (i % columns) * (tile.width() + kSheetGap),
                        kSheetGap + (i / columns) * (tile.height() + kSheetGap));
        painter.drawImage(QRect(at, tile), pictures[static_cast<std::size_t>(i)]);
    }
    return sheet;
}

nn::Expected<void> save(const QImage& picture, const QString& file) {
    if (!picture.save(file, "PNG")) {
        return nn::failure(nn::ErrorCode::Io, file.toStdString() +
                                                  " could not be written. Check the free space "
                                                  "and the folder's permissions.");
    }
    return {};
}

} // namespace

PictureSet filterPictures(const QString& layer, const nn::Tensor& kernel) {
    const nn::Shape& shape = kernel.shape();
    const widgets::KernelExtent extent{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                       static_cast<int>(shape[2]), static_cast<int>(shape[3])};
    const std::span<const float> values = kernel.values();
    const widgets::ValueRange range = widgets::zeroCentred(widgets::finiteRange(values));
    PictureSet set{.name = layer + QStringLiteral("_filter"), .scale = {}, .pictures = {}};
    if (extent.inputs == 3) {
        for (int out = 0; out < extent.outputs; ++out) {
            set.pictures.push_back(widgets::rgbImage({widgets::filterOf(values, extent, {0, out}),
                                                      widgets::filterOf(values, extent, {1, out}),
                                                      widgets::filterOf(values, extent, {2, out})},
                                                     range));
        }
        set.scale = QStringLiteral("red, green and blue are the input channels, from %1 to %2")
                        .arg(shown(range.low), shown(range.high));
        return set;
    }
    const widgets::ColorMap& map = widgets::colorMap(ColorMapName::BlueWhiteRed);
    for (int out = 0; out < extent.outputs; ++out) {
        for (int in = 0; in < extent.inputs; ++in) {
            set.pictures.push_back(
                widgets::planeImage(widgets::filterOf(values, extent, {in, out}), range, map));
        }
    }
    set.scale = QStringLiteral("blue %1, white 0, red %2; one scale for all")
                    .arg(shown(range.low), shown(range.high));
    return set;
}

PictureSet mapPictures(const QString& layer, const nn::Tensor& activation) {
    const nn::Shape& shape = activation.shape();
    const std::span<const float> values = activation.values();
    const widgets::ValueRange range = widgets::finiteRange(values);
    const widgets::ColorMap& map = widgets::colorMap(ColorMapName::Viridis);
    PictureSet set{.name = layer + QStringLiteral("_map"),
                   .scale = QStringLiteral("dark %1, yellow %2; one scale for all")
                                .arg(shown(range.low), shown(range.high)),
                   .pictures = {}};
    if (shape.rank() == 3) {
        const widgets::ImageExtent extent{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                          static_cast<int>(shape[2])};
        for (int channel = 0; channel < extent.channels; ++channel) {
            set.pictures.push_back(
                widgets::planeImage(widgets::channelOf(values, extent, channel), range, map));
        }
    } else {
        const auto length = static_cast<int>(values.size());
        set.pictures.push_back(
            widgets::planeImage(widgets::planeOf(values, 1, length), range, map));
    }
    return set;
}

nn::Expected<void> savePictures(const PictureSet& set, const QDir& folder) {
    if (set.pictures.empty()) {
        return {};
    }
    for (std::size_t i = 0; i < set.pictures.size(); ++i) {
        const QString name = QStringLiteral("%1_%2.png")
                                 .arg(set.name)
                                 .arg(static_cast<qulonglong>(i), 3, 10, QLatin1Char('0'));
        if (auto saved = save(set.pictures[i], folder.filePath(name)); !saved) {
            return saved;
        }
    }
    return save(sheetOf(set.pictures), folder.filePath(set.name + QStringLiteral("_all.png")));
}

nn::Expected<QDir> outputFolder(const QString& path) {
    if (!QDir().mkpath(path)) {
        return nn::failure(nn::ErrorCode::Io, path.toStdString() +
                                                  ": the folder could not be made. Check the name "
                                                  "and the permissions, or choose another one.");
    }
    return QDir(path);
}

} // namespace app::cli
