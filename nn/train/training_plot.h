#pragma once

#include "widgets/plots/curve_data.h"
#include "widgets/theme.h"

#include <QPixmap>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <span>

class QCustomPlot;
class QLabel;
class QSlider;
class QToolButton;
class QCheckBox;

namespace widgets {

class PlotPanes;

/// Loss and accuracy over the epochs, one above the other: each batch thin and quiet, epochs and
/// validation strong. Values in, one replot at most every 33 ms however many come. Wheel zooms,
/// drag pans, double-click or F fits.
class TrainingPlot : public QWidget {
    Q_OBJECT

public:
    explicit TrainingPlot(QWidget* parent = nullptr);
    ~TrainingPlot() override;

    /// A new run: forgets all points. `epochs` is the planned end of the x axis, 0 if unknown.
    void reset(double epochs = 0.0);
    void appendBatches(std::span<const BatchPoint> points);
    void appendEpoch(const EpochPoint& point);
    /// What the plot says while it has no points.
    void setEmptyText(const QString& text);
    void setTheme(const Theme& theme);

    [[nodiscard]] bool isLogarithmic() const;
    void setLogarithmic(bool on);
    /// 0 (none) to 0.99: weight of the past in the exponential moving average of the batches.
    [[nodiscard]] double smoothing() const;
    void setSmoothing(double weight);
    /// Shows everything and follows new points again.
    void fit();

    [[nodiscard]] const CurveData& data() const { return m_data; }
    /// The picture as it stands, `scale` times as fine.
    [[nodiscard]] QPixmap picture(double scale = 2.0) const;
    /// All points as CSV (RFC 4180, decimal points).
    [[nodiscard]] QByteArray csv() const;
    /// "Validation accuracy 0.91 at epoch 12, rising": for screen readers.
    [[nodiscard]] QString summary() const;
    /// Values at an epoch as shown by the cursor.
    [[nodiscard]] QString readOut(double epoch) const;
    /// For tests and benchmarks.
    [[nodiscard]] QCustomPlot* plot() const;

    /// Ask for a file name and write picture() or csv() to it.
    void savePng();
    void saveCsv();

signals:
    /// The x value below the pointer.
    void cursorMoved(double epoch);

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeToolBar();
    void showIcons();
    void scheduleReplot();
    void refresh();
    void showCursor(double epoch);

    CurveData m_data;
    std::unique_ptr<PlotPanes> m_panes;
    QTimer m_timer;
    QLabel* m_readOut = nullptr;
    QToolButton* m_log = nullptr;
    QToolButton* m_fit = nullptr;
    QToolButton* m_png = nullptr;
    QToolButton* m_csv = nullptr;
    QSlider* m_smooth = nullptr;
    QLabel* m_smoothValue = nullptr;
    QLabel* m_empty = nullptr;
    Theme m_theme;
};

} // namespace widgets
