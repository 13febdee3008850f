#pragma once

#include <QByteArray>
#include <QString>

class QImage;
class QWidget;

namespace widgets {

/// What a save dialog offers.
struct SaveRequest {
    QString title;
    QString fileName; ///< suggested, with its suffix
    QString filter;   ///< "PNG image (*.png)"
};

/// Asks for a name without stopping the event loop, then writes; tells the user when that fails.
void saveBytes(QWidget* parent, const SaveRequest& request, const QByteArray& bytes);
void saveImage(QWidget* parent, const QString& fileName, const QImage& image);

/// Writes all or nothing; the returned text says what went wrong and is empty on success.
[[nodiscard]] QString writeFile(const QString& path, const QByteArray& bytes);
[[nodiscard]] QByteArray pngBytes(const QImage& image);

} // namespace widgets
