#pragma once

#include <QString>
#include <QStringList>

class QMimeData;

namespace app {

/// What a file or folder dropped on the window is, by its content.
enum class DroppedKind { Project, Data, Picture, Unknown };

[[nodiscard]] DroppedKind droppedKind(const QString& path);
/// The local files a drag carries.
[[nodiscard]] QStringList droppedFiles(const QMimeData* mime);

} // namespace app
