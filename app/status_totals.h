#pragma once

#include <QLabel>

namespace app {

class Session;

/// The network's cost in one line: weights, multiply–accumulates, training memory and whether it
/// fits.
class StatusTotals : public QLabel {
    Q_OBJECT

public:
    explicit StatusTotals(Session& session, QWidget* parent = nullptr);

private:
    void showTotals();
    void changeEvent(QEvent* event) override;

    Session& m_session;
};

} // namespace app
