#pragma once

#include "widgets/plots/curve_data.h"
#include "widgets/theme.h"

#include <QPixmap>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <span>

class QComboBox;
class QCustomPlot;
class QHBoxLayout;
class QLabel;
class QSlider;
class QToolButton;

namespace widgets {

class PlotLegend;
class PlotPanes;

/// Loss and another figure over the epochs, one above the other: each batch thin and quiet, epochs
/// and validation strong. Values in, one replot at most every 33 ms however many come. Wheel zooms,
/// drag pans, double-click or F fits,
/// + and − zoom, Shift+arrows pan, arrows move the cursor from epoch to epoch.
class TrainingPlot : public QWidget {
    Q_OBJECT

public:
    explicit TrainingPlot(QWidget* parent = nullptr);
    ~TrainingPlot() override;

    /// A new run: forgets all points.
    void reset();
    void appendBatches(std::span<const nn::BatchProgress> batches);
    void appendEpoch(const nn::EpochResult& epoch);
    /// A run that is already known, from a project.
    void setHistory(const nn::History& history);
    /// What the plot says while it has no points.
    void setEmptyText(const QString& text);
    void setTheme(const Theme& theme);

    [[nodiscard]] bool isLogarithmic() const;
    void setLogarithmic(bool on);
    /// 0 (none) to 0.99: weight of the past in the exponential moving average of the batches.
    [[nodiscard]] double smoothing() const;
    void setSmoothing(double weight);
    /// What is drawn below the loss: "accuracy", or another of `data().figures()`.
    [[nodiscard]] QString figure() const;
    void setFigure(const QString& name);
    /// Shows everything and follows new points again.
    void fit();
    [[nodiscard]] bool isFollowing() const { return m_isFollowing; }

    [[nodiscard]] const CurveData& data() const { return m_data; }
    /// The picture as it stands, `scale` times as fine.
    [[nodiscard]] QPixmap picture(double scale = 2.0) const;
    /// All points as CSV (RFC 4180, decimal points).
    [[nodiscard]] QByteArray csv() const { return m_data.csv(); }
    /// "Validation accuracy 0.91 at epoch 12, rising": for screen readers.
    [[nodiscard]] QString summary() const;
    /// The values nearest to an epoch, one a line, as the cursor shows them.
    [[nodiscard]] QString readOut(double epoch) const;
    /// Ask for a file name and write picture() or csv() to it.
    void savePng();
    void saveCsv();
    /// For tests and benchmarks.
    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }
    /// Draws what has arrived now instead of at the next tick.
    void refresh();

signals:
    /// The x value below the pointer.
    void cursorMoved(double epoch);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    static constexpr int kFrame = 33; // milliseconds: 30 pictures a second at most

    void makeTools(QHBoxLayout* row);
    void connectPlot();
    void showIcons(const Theme& theme);
    /// Draws within this time, together with whatever else changes until then.
    void scheduleRefresh(int milliseconds = kFrame);
    void fillFigures();
    void showEmptyState();
    void showCursor(double epoch);
    void hideCursor();
    void placeReadOut();
    void stopFollowing();
    void moveCursor(int epochs);

    CurveData m_data;
    QCustomPlot* m_plot = nullptr;
    std::unique_ptr<PlotPanes> m_panes;
    QTimer m_timer;
    PlotLegend* m_legend = nullptr;
    QLabel* m_readOut = nullptr;
    QLabel* m_empty = nullptr;
    QComboBox* m_figure = nullptr;
    QString m_wishedFigure = QStringLiteral("accuracy");
    QToolButton* m_log = nullptr;
    QToolButton* m_fit = nullptr;
    QToolButton* m_png = nullptr;
    QToolButton* m_csv = nullptr;
    QLabel* m_smoothIcon = nullptr;
    QSlider* m_smooth = nullptr;
    QLabel* m_smoothValue = nullptr;
    double m_cursor = nn::kNotMeasured;
    bool m_isFollowing = true;
};

} // namespace widgets
