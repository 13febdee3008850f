#pragma once

#include <QLabel>

namespace widgets {

/// A few muted lines at the foot of a panel that explain the argument looked at. Its height never
/// changes, so that nothing moves below the pointer.
class HelpStrip : public QLabel {
    Q_OBJECT

public:
    explicit HelpStrip(QWidget* parent = nullptr);

    /// Shows a text, or what can be explained here; a longer one is cut and stands in the tool tip.
    void showHelp(const QString& text);

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();
    [[nodiscard]] int heightOfLines() const;

    QString m_full;
};

} // namespace widgets
