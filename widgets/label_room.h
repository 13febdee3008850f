#pragma once

#include <QWidget>

class QLabel;

namespace widgets {

/// Room for a label whose figures change often. A label alone has the whole window laid out anew
/// with every text; here that happens only when the text needs more room, or far less.
class LabelRoom : public QWidget {
    Q_OBJECT

public:
    /// Takes the label.
    explicit LabelRoom(QLabel* label, QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override;
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    QLabel* m_label;
    QSize m_room;
};

} // namespace widgets
