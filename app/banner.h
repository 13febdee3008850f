#pragma once

#include <QFrame>

class QLabel;
class QPushButton;
class QToolButton;

namespace app {

enum class BannerKind { Info, Warning, Error };

/// A message above a page that waits until it is dealt with; never in the way of the rest.
class Banner : public QFrame {
    Q_OBJECT

public:
    explicit Banner(QWidget* parent = nullptr);

    /// `action` names the button that answers it, `other` one beside it; without them there is only
    /// a close button.
    void showMessage(BannerKind kind, const QString& text, const QString& action = {},
                     const QString& other = {});
    [[nodiscard]] QString text() const;

signals:
    void actionTriggered();
    void otherTriggered();
    void dismissed();

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void applyLook();

    BannerKind m_kind = BannerKind::Info;
    QLabel* m_icon = nullptr;
    QLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    QPushButton* m_other = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace app
