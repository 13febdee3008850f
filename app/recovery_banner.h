#pragma once

class QWidget;

namespace app {

class FileActions;
class Session;

/// Offers to go on with a run that was cut off when the program did not end as it should. Hidden
/// while there is none.
[[nodiscard]] QWidget* makeRecoveryBanner(Session& session, FileActions& files, QWidget* parent);

} // namespace app
