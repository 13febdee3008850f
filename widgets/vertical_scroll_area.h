#pragma once

#include <QScrollArea>

namespace widgets {

/// Scrolls up and down only: never narrower than its content needs, so nothing is cut off at the
/// side.
class VerticalScrollArea : public QScrollArea {
    Q_OBJECT

public:
    explicit VerticalScrollArea(QWidget* parent = nullptr);

    /// Takes the content over; it is made as wide as the area.
    void setContent(QWidget* content);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    int m_least = 0; ///< The width that was asked for last.
};

} // namespace widgets
