#pragma once

#include "widgets/plots/curve_data.h"
#include "widgets/theme.h"

#include <array>
#include <qcustomplot.h>

namespace widgets {

/// How the curves are drawn.
struct CurveStyle {
    bool isLogarithmic = false;
    double smoothing = 0.0;
    std::string figure = "accuracy"; ///< What the lower pane shows.

    bool operator==(const CurveStyle&) const = default;
};

/// The two stacked panes of a training plot inside one QCustomPlot: axes, curves, cursor. Knows no
/// window around it.
class PlotPanes {
public:
    explicit PlotPanes(QCustomPlot* plot);

    void setTheme(const Theme& theme);
    /// Adds what is new in `data`; sets everything anew when the style changed or points were
    /// thinned.
    void show(const CurveData& data, const CurveStyle& style);
    /// Axis ranges that hold everything.
    void fit(const CurveData& data);
    /// Draws the cursor line at an epoch, by its own layer only.
    void showCursor(double epoch);
    void hideCursor();
    [[nodiscard]] double epochAt(QPointF position) const;
    [[nodiscard]] double positionOf(double epoch) const;
    void zoom(double factor);
    /// Moves the x range by a part of its width.
    void pan(double part);
    [[nodiscard]] bool contains(QPointF position) const;

private:
    struct Pane {
        QCPAxisRect* rect = nullptr;
        QCPGraph* batches = nullptr;
        QCPGraph* smoothed = nullptr;
        QCPGraph* training = nullptr;
        QCPGraph* validation = nullptr;
        QCPItemStraightLine* cursor = nullptr;
        MovingAverage average;
    };

    void makePane(Pane& pane, const QString& title, QCPMarginGroup* margins);
    void stylePane(Pane& pane, const Theme& theme);
    void restart(const CurveData& data, const CurveStyle& style);
    void addBatch(const BatchPoint& point);
    void addEpoch(const nn::EpochResult& epoch);
    void styleEpochs();
    [[nodiscard]] double lossValue(double loss) const;

    QCustomPlot* m_plot;
    QCPLayer* m_cursorLayer = nullptr;
    Pane m_loss;
    Pane m_figure;
    CurveStyle m_style;
    Theme m_theme;
    std::size_t m_batches = 0;
    std::size_t m_epochs = 0;
    std::size_t m_stride = 1;
};

} // namespace widgets
