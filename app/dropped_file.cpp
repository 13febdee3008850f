#include "app/dropped_file.h"

#include <QFile>
#include <QFileInfo>
#include <QImageReader>
#include <QMimeData>
#include <QUrl>

namespace app {

DroppedKind droppedKind(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) {
        return DroppedKind::Data;
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return DroppedKind::Unknown;
    }
    const QByteArray start = file.read(4);
    if (start.startsWith("PK") || info.suffix().toLower() == "receptive") {
        return DroppedKind::Project;
    }
    const bool isIdx = start.size() == 4 && start[0] == 0 && start[1] == 0 && start[2] == 8;
    if (isIdx || start.startsWith("\x1f\x8b")) {
        return DroppedKind::Data;
    }
    return QImageReader::imageFormat(path).isEmpty() ? DroppedKind::Unknown : DroppedKind::Picture;
}

QStringList droppedFiles(const QMimeData* mime) {
    QStringList files;
    if (mime != nullptr) {
        for (const QUrl& url : mime->urls()) {
            if (url.isLocalFile()) {
                files << url.toLocalFile();
            }
        }
    }
    return files;
}

} // namespace app
