#include "app/image_decoder.h"

#include <QImageReader>
#include <QPainter>
#include <cstring>

namespace app {

namespace {

using nn::data::Image;
using nn::data::ImageShape;

QString pathText(const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
}

/// A reader that looks at the content, not at the name, and knows its limits.
void prepare(QImageReader& reader) {
    reader.setDecideFormatFromContent(true);
    reader.setAutoTransform(true);
    reader.setAllocationLimit(512);
}

nn::Expected<QSize> checkedSize(QImageReader& reader, const QString& path) {
    const QSize size = reader.size();
    if (!reader.canRead() || !size.isValid() || size.isEmpty()) {
        const auto code = reader.error() == QImageReader::FileNotFoundError ||
                                  reader.error() == QImageReader::DeviceError
                              ? nn::ErrorCode::Io
                              : nn::ErrorCode::InvalidFile;
        return nn::failure(code, (path + ": a picture (PNG, JPEG, BMP, GIF …) was expected, but " +
                                  reader.errorString().toLower() + ". Remove or replace the file.")
                                     .toStdString());
    }
    if (qint64{size.width()} * size.height() > kMaxImagePixels) {
        return nn::failure(nn::ErrorCode::TooLarge,
                           QString("%1: the picture has %2×%3 pixels; at most %4 million are read. "
                                   "Make it smaller.")
                               .arg(path)
                               .arg(size.width())
                               .arg(size.height())
                               .arg(kMaxImagePixels / 1'000'000)
                               .toStdString());
    }
    return size;
}

bool isGray(QImageReader& reader) {
    const QImage::Format format = reader.imageFormat();
    return format == QImage::Format_Grayscale8 || format == QImage::Format_Grayscale16 ||
           format == QImage::Format_Mono || format == QImage::Format_MonoLSB;
}

nn::Expected<ImageShape> probed(const std::filesystem::path& file) {
    const QString path = pathText(file);
    QImageReader reader(path);
    prepare(reader);
    const auto size = checkedSize(reader, path);
    if (!size) {
        return tl::unexpected(size.error());
    }
    const bool turned = reader.transformation().testFlag(QImageIOHandler::TransformationRotate90);
    const QSize shown = turned ? size->transposed() : *size;
    return ImageShape{shown.height(), shown.width(), isGray(reader) ? 1 : 3};
}

nn::Expected<Image> decoded(const std::filesystem::path& file) {
    const QString path = pathText(file);
    QImageReader reader(path);
    prepare(reader);
    if (const auto size = checkedSize(reader, path); !size) {
        return tl::unexpected(size.error());
    }
    QImage picture;
    if (!reader.read(&picture)) {
        return nn::failure(nn::ErrorCode::InvalidFile,
                           (path + ": the picture is damaged: " + reader.errorString() +
                            ". Remove or replace the file.")
                               .toStdString());
    }
    return toImage(picture);
}

} // namespace

nn::data::ImageDecoder imageDecoder() {
    return {probed, decoded};
}

Image toImage(const QImage& picture) {
    QImage flat = picture;
    if (picture.hasAlphaChannel()) {
        flat = QImage(picture.size(), QImage::Format_RGB32);
        flat.fill(Qt::black);
        QPainter(&flat).drawImage(0, 0, picture);
    }
    const bool gray = picture.isGrayscale();
    flat = flat.convertToFormat(gray ? QImage::Format_Grayscale8 : QImage::Format_RGB888);
    Image image{{flat.height(), flat.width(), gray ? 1 : 3}, {}};
    const auto rowBytes = static_cast<std::size_t>(flat.width() * image.shape.channels);
    image.pixels.resize(rowBytes * static_cast<std::size_t>(flat.height()));
    for (int y = 0; y < flat.height(); ++y) {
        std::memcpy(image.pixels.data() + rowBytes * static_cast<std::size_t>(y),
                    flat.constScanLine(y), rowBytes);
    }
    return image;
}

QImage toQImage(const Image& image) {
    return toQImage(image.pixels, image.shape);
}

QImage toQImage(std::span<const std::uint8_t> pixels, const ImageShape& shape) {
    const auto format = shape.channels == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888;
    QImage picture(shape.width, shape.height, format);
    const auto rowBytes = static_cast<std::size_t>(shape.width * shape.channels);
    for (int y = 0; y < shape.height; ++y) {
        std::memcpy(picture.scanLine(y), pixels.data() + rowBytes * static_cast<std::size_t>(y),
                    rowBytes);
    }
    return picture;
}

} // namespace app
