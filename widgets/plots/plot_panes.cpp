#include "widgets/plots/plot_panes.h"

#include <QApplication>
#include <cmath>

namespace widgets {
namespace {

constexpr const char* kAccuracy = "accuracy";
constexpr int kManyEpochs = 50;    // beyond, no markers
constexpr int kThinEpochs = 300;   // beyond, pen width 1
constexpr int kSmoothLimit = 2000; // beyond, no antialiasing

QColor blended(const QColor& front, const QColor& back, double part) {
    const auto mix = [part](int a, int b) {
        return static_cast<int>(std::lround(a * part + b * (1 - part)));
    };
    return {mix(front.red(), back.red()), mix(front.green(), back.green()),
            mix(front.blue(), back.blue())};
}

/// Parts of one up to 1; everything else as far as it goes.
QCPRange figureRange(const Extent& extent) {
    if (extent.isEmpty()) {
        return {0.0, 1.02};
    }
    constexpr double kLargeEnough = 0.2; // smaller ones would lie flat at the bottom
    if (extent.low >= 0.0 && extent.high <= 1.0 && extent.high >= kLargeEnough) {
        const double low = std::max(0.0, std::floor(extent.low * 10.0 - 0.01) / 10.0);
        return {low, 1.0 + (1.0 - low) * 0.02};
    }
    const double pad =
        std::max((extent.high - extent.low) * 0.05, std::abs(extent.high) * 1e-3 + 1e-12);
    const bool isFromZero = extent.low >= 0.0 && extent.low < 0.5 * extent.high;
    return {isFromZero ? 0.0 : extent.low - pad, extent.high + pad};
}

QCPScatterStyle marker(QCPScatterStyle::ScatterShape shape, const QColor& color,
                       const QColor& edge) {
    return {shape, QPen(edge, 1), QBrush(color), 7.0};
}

} // namespace

PlotPanes::PlotPanes(QCustomPlot* plot) : m_plot(plot), m_theme(Theme::of(plot)) {
    m_plot->plotLayout()->clear();
    m_plot->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->addLayer(QStringLiteral("cursor"), m_plot->layer(QStringLiteral("overlay")),
                     QCustomPlot::limBelow);
    m_cursorLayer = m_plot->layer(QStringLiteral("cursor"));
    m_cursorLayer->setMode(QCPLayer::lmBuffered);
    auto* margins = new QCPMarginGroup(m_plot);
    makePane(m_loss, QCoreApplication::translate("TrainingPlot", "Loss"), margins);
    makePane(m_figure, QCoreApplication::translate("TrainingPlot", "Accuracy"), margins);
    m_plot->plotLayout()->setRowSpacing(6);
    m_loss.rect->axis(QCPAxis::atBottom)->setTickLabels(false);
    m_figure.rect->axis(QCPAxis::atBottom)
        ->setLabel(QCoreApplication::translate("TrainingPlot", "Epoch"));

    const auto setRange = qOverload<const QCPRange&>(&QCPAxis::setRange);
    const auto changed = qOverload<const QCPRange&>(&QCPAxis::rangeChanged);
    QCPAxis* upper = m_loss.rect->axis(QCPAxis::atBottom);
    QCPAxis* lower = m_figure.rect->axis(QCPAxis::atBottom);
    QObject::connect(upper, changed, lower, setRange);
    QObject::connect(lower, changed, upper, setRange);
    setTheme(m_theme);
    fit({});
}

void PlotPanes::makePane(Pane& pane, const QString& title, QCPMarginGroup* margins) {
    pane.rect = new QCPAxisRect(m_plot, true);
    // Before curves and items, which look for one in the layout.
    m_plot->plotLayout()->addElement(m_plot->plotLayout()->rowCount(), 0, pane.rect);
    pane.rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    pane.rect->setMinimumMargins(QMargins(8, 4, 12, 2));
    QCPAxis* x = pane.rect->axis(QCPAxis::atBottom);
    QCPAxis* y = pane.rect->axis(QCPAxis::atLeft);
    for (const QCPAxis::AxisType type : {QCPAxis::atTop, QCPAxis::atRight}) {
        pane.rect->axis(type)->setVisible(false);
    }
    for (QCPAxis* axis : {x, y}) {
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
        axis->setTickLength(0, 0);
        axis->setSubTickLength(0, 0);
    }
    y->setLabel(title);
    y->setNumberFormat(QStringLiteral("g"));
    y->ticker()->setTickCount(4);
    pane.batches = m_plot->addGraph(x, y);
    pane.smoothed = m_plot->addGraph(x, y);
    pane.training = m_plot->addGraph(x, y);
    pane.validation = m_plot->addGraph(x, y);
    pane.cursor = new QCPItemStraightLine(m_plot);
    pane.cursor->setLayer(m_cursorLayer);
    pane.cursor->setClipAxisRect(pane.rect);
    for (QCPItemPosition* point : {pane.cursor->point1, pane.cursor->point2}) {
        point->setAxisRect(pane.rect);
        point->setAxes(x, y);
        point->setTypeX(QCPItemPosition::ptPlotCoords);
        point->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    pane.cursor->setVisible(false);
}

void PlotPanes::setTheme(const Theme& theme) {
    m_theme = theme;
    m_plot->setBackground(QBrush(theme.plotBackground));
    stylePane(m_loss, theme);
    stylePane(m_figure, theme);
    styleEpochs();
}

void PlotPanes::stylePane(Pane& pane, const Theme& theme) {
    const QFont small = theme.font(TextRole::Small, QApplication::font());
    for (const QCPAxis::AxisType type : {QCPAxis::atBottom, QCPAxis::atLeft}) {
        QCPAxis* axis = pane.rect->axis(type);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->setTickLabelColor(theme.mutedText);
        axis->setLabelColor(theme.mutedText);
        axis->setBasePen(type == QCPAxis::atBottom ? QPen(theme.plotAxis, 1) : QPen(Qt::NoPen));
        axis->setTickPen(QPen(Qt::NoPen));
        axis->setSubTickPen(QPen(Qt::NoPen));
        axis->grid()->setPen(QPen(theme.grid, 1));
        axis->grid()->setZeroLinePen(QPen(theme.grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->setTickLabelPadding(6);
        axis->setLabelPadding(4);
    }
    const QColor training = theme.series[0];
    const bool isSmoothed = m_style.smoothing > 0.0;
    pane.batches->setPen(QPen(blended(training, theme.plotBackground, isSmoothed ? 0.28 : 0.5), 1));
    pane.smoothed->setPen(QPen(blended(training, theme.plotBackground, 0.8), 1));
    pane.cursor->setPen(QPen(theme.text, 1));
}

void PlotPanes::styleEpochs() {
    const auto count = static_cast<int>(m_epochs);
    const int width = count > kThinEpochs ? 1 : 2;
    const bool hasMarkers = count <= kManyEpochs;
    for (const Pane* pane : {&m_loss, &m_figure}) {
        const QColor training = m_theme.series[0];
        const QColor validation = m_theme.series[1];
        pane->training->setPen(QPen(training, width));
        pane->validation->setPen(QPen(validation, width));
        pane->training->setAntialiased(count <= kThinEpochs);
        pane->validation->setAntialiased(count <= kThinEpochs);
        const QColor edge = m_theme.plotBackground;
        pane->training->setScatterStyle(
            hasMarkers ? marker(QCPScatterStyle::ssCircle, training, edge) : QCPScatterStyle());
        pane->validation->setScatterStyle(
            hasMarkers ? marker(QCPScatterStyle::ssDiamond, validation, edge) : QCPScatterStyle());
        pane->batches->setAntialiased(m_batches < kSmoothLimit);
        pane->smoothed->setAntialiased(m_batches < kSmoothLimit);
    }
}

double PlotPanes::lossValue(double loss) const {
    const bool canShow = std::isfinite(loss) && (!m_style.isLogarithmic || loss > 0.0);
    return canShow ? loss : nn::kNotMeasured;
}

void PlotPanes::restart(const CurveData& data, const CurveStyle& style) {
    m_style = style;
    m_batches = 0;
    m_epochs = 0;
    m_stride = data.stride();
    // A thinned point stands for `stride` batches, so the past fades that much faster per point.
    const double weight = std::pow(style.smoothing, static_cast<double>(m_stride));
    for (Pane* pane : {&m_loss, &m_figure}) {
        for (QCPGraph* graph : {pane->batches, pane->smoothed, pane->training, pane->validation}) {
            graph->data()->clear();
        }
        pane->average = MovingAverage(weight);
        stylePane(*pane, m_theme);
    }
    m_figure.rect->axis(QCPAxis::atLeft)
        ->setLabel(style.figure == kAccuracy
                       ? QCoreApplication::translate("TrainingPlot", "Accuracy")
                       : QString::fromStdString(style.figure));
    QCPAxis* y = m_loss.rect->axis(QCPAxis::atLeft);
    if (style.isLogarithmic && y->scaleType() != QCPAxis::stLogarithmic) {
        y->setScaleType(QCPAxis::stLogarithmic);
        y->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
        y->setNumberFormat(QStringLiteral("g"));
        y->setNumberPrecision(2);
    } else if (!style.isLogarithmic && y->scaleType() != QCPAxis::stLinear) {
        y->setScaleType(QCPAxis::stLinear);
        y->setTicker(QSharedPointer<QCPAxisTicker>::create());
        y->ticker()->setTickCount(4);
        y->setNumberPrecision(6);
    }
}

void PlotPanes::addBatch(const BatchPoint& point) {
    const double loss = lossValue(point.loss);
    m_loss.batches->addData(point.epoch, loss);
    // Single batches are measured by their loss and accuracy only.
    const bool hasFigure = m_style.figure == kAccuracy;
    if (hasFigure) {
        m_figure.batches->addData(point.epoch, point.accuracy);
    }
    if (m_style.smoothing > 0.0) {
        m_loss.smoothed->addData(point.epoch, m_loss.average.next(loss));
        if (hasFigure) {
            m_figure.smoothed->addData(point.epoch, m_figure.average.next(point.accuracy));
        }
    }
}

void PlotPanes::addEpoch(const nn::EpochResult& epoch) {
    const auto x = static_cast<double>(epoch.epoch);
    m_loss.training->addData(x, lossValue(epoch.loss));
    m_loss.validation->addData(x, lossValue(epoch.valLoss));
    m_figure.training->addData(x, figureOf(epoch, m_style.figure));
    m_figure.validation->addData(x, figureOf(epoch, "val_" + m_style.figure));
}

void PlotPanes::show(const CurveData& data, const CurveStyle& style) {
    const bool isOlder = data.batches().size() < m_batches || data.epochs().size() < m_epochs;
    if (isOlder || data.stride() != m_stride || !(style == m_style)) {
        restart(data, style);
    }
    for (; m_batches < data.batches().size(); ++m_batches) {
        addBatch(data.batches()[m_batches]);
    }
    for (; m_epochs < data.epochs().size(); ++m_epochs) {
        addEpoch(data.epochs()[m_epochs]);
    }
    styleEpochs();
    for (const Pane* pane : {&m_loss, &m_figure}) {
        for (QCPAxis* axis : pane->rect->axes(QCPAxis::atBottom | QCPAxis::atLeft)) {
            axis->setVisible(!data.isEmpty());
            axis->grid()->setVisible(!data.isEmpty());
        }
    }
}

void PlotPanes::fit(const CurveData& data) {
    const double end = std::max(1.0, std::ceil(data.lastEpoch() - 1e-9));
    m_loss.rect->axis(QCPAxis::atBottom)->setRange(0.0, end * 1.01);
    QCPAxis* loss = m_loss.rect->axis(QCPAxis::atLeft);
    const Extent& extent = m_style.isLogarithmic ? data.positiveLoss() : data.loss();
    if (extent.isEmpty()) {
        loss->setRange(m_style.isLogarithmic ? 0.1 : 0.0, 1.0);
    } else if (m_style.isLogarithmic) {
        loss->setRange(extent.low / 1.2, extent.high * 1.2);
    } else {
        const double pad =
            std::max((extent.high - extent.low) * 0.05, std::abs(extent.high) * 1e-3 + 1e-9);
        const bool isFromZero = extent.low >= 0.0 && extent.low < 0.5 * extent.high;
        loss->setRange(isFromZero ? 0.0 : extent.low - pad, extent.high + pad);
    }
    const QCPRange range = figureRange(data.extentOf(m_style.figure));
    m_figure.rect->axis(QCPAxis::atLeft)->setRange(range);
}

void PlotPanes::showCursor(double epoch) {
    for (const Pane* pane : {&m_loss, &m_figure}) {
        pane->cursor->setVisible(true);
        pane->cursor->point1->setCoords(epoch, 0.0);
        pane->cursor->point2->setCoords(epoch, 1.0);
    }
    m_cursorLayer->replot();
}

void PlotPanes::hideCursor() {
    if (m_loss.cursor->visible()) {
        m_loss.cursor->setVisible(false);
        m_figure.cursor->setVisible(false);
        m_cursorLayer->replot();
    }
}

double PlotPanes::epochAt(QPointF position) const {
    return m_loss.rect->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
}

double PlotPanes::positionOf(double epoch) const {
    return m_loss.rect->axis(QCPAxis::atBottom)->coordToPixel(epoch);
}

bool PlotPanes::contains(QPointF position) const {
    return m_loss.rect->rect().contains(position.toPoint()) ||
           m_figure.rect->rect().contains(position.toPoint());
}

void PlotPanes::zoom(double factor) {
    QCPAxis* x = m_loss.rect->axis(QCPAxis::atBottom);
    x->scaleRange(factor, x->range().center());
}

void PlotPanes::pan(double part) {
    QCPAxis* x = m_loss.rect->axis(QCPAxis::atBottom);
    x->moveRange(x->range().size() * part);
}

} // namespace widgets
