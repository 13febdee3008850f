#pragma once

#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// Says which line of a training plot is which: colour, strength and marker, each with its name.
class PlotLegend : public QWidget {
    Q_OBJECT

public:
    explicit PlotLegend(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QStringList names() const;

    Theme m_theme;
};

} // namespace widgets
