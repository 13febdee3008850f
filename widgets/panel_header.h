#pragma once

#include "widgets/theme.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;

namespace widgets {

/// The top line of a view: what is shown, a quiet detail, and room for controls at the right.
class PanelHeader : public QWidget {
    Q_OBJECT

public:
    explicit PanelHeader(QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setDetail(const QString& detail);
    void addControl(QWidget* control);
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString detail() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void showDetail();

    QString m_detailText;
    QLabel* m_title = nullptr;
    QLabel* m_detail = nullptr;
    QHBoxLayout* m_row = nullptr;
};

/// Fills a view with the theme's panel surface.
void usePanelSurface(QWidget* widget);

} // namespace widgets
