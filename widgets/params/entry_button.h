#pragma once

#include <QToolButton>

namespace widgets {

/// The heading of an entry of a list: an icon and a name of a class, which goes on in a second line
/// between two of its words where there is no room for it.
class EntryButton final : public QToolButton {
    Q_OBJECT

public:
    EntryButton(const QString& name, QWidget* parent);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] int textLeft() const;

    QString m_lines; ///< The name with places where it may be broken.
};

} // namespace widgets
