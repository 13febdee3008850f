#pragma once

#include <QComboBox>
#include <QWheelEvent>

namespace widgets {

/// Does not change by scrolling over it.
class CalmComboBox final : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

} // namespace widgets
