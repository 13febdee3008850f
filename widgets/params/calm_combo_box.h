#pragma once

#include <QComboBox>

namespace widgets {

/// Does not change by scrolling over it; a choice too long for it is shortened in the middle and
/// stands whole in the tool tip and in the list.
class CalmComboBox final : public QComboBox {
    Q_OBJECT

public:
    using QComboBox::QComboBox;

    void showPopup() override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    [[nodiscard]] QString shortened(const QString& text) const;
};

} // namespace widgets
