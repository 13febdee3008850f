#include "widgets/plots/training_plot.h"

#include "widgets/icons.h"
#include "widgets/images/tensor_image.h"
#include "widgets/panel_header.h"
#include "widgets/params/calm_combo_box.h"
#include "widgets/plots/plot_legend.h"
#include "widgets/plots/plot_panes.h"
#include "widgets/save_file.h"
#include "widgets/text_role.h"

#include <QAbstractItemView>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

// Batches come by the hundred; drawing them more often would take from the training.
constexpr int kFrameOfRun = 500; // milliseconds

QToolButton* makeButton(QWidget* parent, const QString& name, const QString& tip) {
    auto* button = new QToolButton(parent);
    button->setAccessibleName(name);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setIconSize({spacing::kToolIcon, spacing::kToolIcon});
    return button;
}

} // namespace

TrainingPlot::TrainingPlot(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot(this)), m_legend(new PlotLegend(this)),
      m_readOut(new QLabel(m_plot)), m_empty(new QLabel(m_plot)) {
    m_panes = std::make_unique<PlotPanes>(m_plot);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(spacing::kUnit, spacing::kTight, spacing::kUnit, spacing::kTight);
    row->setSpacing(spacing::kTight);
    makeTools(row);
    column->addLayout(row);
    column->addWidget(m_plot, 1);
    auto* emptyLayout = new QVBoxLayout(m_plot);
    emptyLayout->addWidget(m_empty, 0, Qt::AlignCenter);
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_plot->setMinimumSize(160, 120);
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setAccessibleName(tr("Training curves"));
    m_plot->setObjectName(QStringLiteral("trainingCurves"));
    setAccessibleName(tr("Training curves"));
    setFocusProxy(m_plot);
    usePanelSurface(this);
    setEmptyText(tr("Press Train to see loss and accuracy here."));

    m_timer.setSingleShot(true);
    // A page that is not shown costs nothing; showing it draws what came meanwhile.
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (isVisible()) {
            refresh();
        }
    });
    connectPlot();
    setTheme(Theme::of(this));
    refresh();
}

TrainingPlot::~TrainingPlot() = default;

void TrainingPlot::makeTools(QHBoxLayout* row) {
    m_figure = new CalmComboBox(this);
    m_figure->setObjectName(QStringLiteral("figure"));
    m_figure->setAccessibleName(tr("Figure below the loss"));
    m_figure->setToolTip(tr("What is drawn below the loss"));
    m_figure->view()->setAccessibleName(m_figure->accessibleName());
    m_figure->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_figure->setMinimumContentsLength(9);
    m_figure->hide();
    connect(m_figure, &QComboBox::activated, this, [this] { setFigure(m_figure->currentText()); });
    m_log = makeButton(this, tr("Logarithmic loss"), tr("Logarithmic loss axis (L)"));
    m_log->setCheckable(true);
    m_smoothIcon = new QLabel(this);
    m_smooth = new QSlider(Qt::Horizontal, this);
    m_smooth->setRange(0, 99);
    m_smooth->setFixedWidth(88);
    m_smooth->setAccessibleName(tr("Smoothing"));
    m_smooth->setToolTip(tr("Smoothing of the batches: weight of the past in the moving average"));
    m_smoothValue = new QLabel(this);
    setTextRole(m_smoothValue, TextRole::Small);
    m_smoothValue->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("0.00")));
    m_fit = makeButton(this, tr("Show all"), tr("Show all and follow (F or double-click)"));
    m_png = makeButton(this, tr("Save picture"), tr("Save the plot as a PNG picture…"));
    m_csv = makeButton(this, tr("Save values"), tr("Save all values as CSV…"));
    m_readOut->setTextFormat(Qt::PlainText);
    setTextRole(m_readOut, TextRole::Small);
    m_readOut->setAccessibleName(tr("Values at the cursor"));
    m_readOut->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_readOut->setAutoFillBackground(true);
    m_readOut->setBackgroundRole(QPalette::ToolTipBase);
    m_readOut->setForegroundRole(QPalette::ToolTipText);
    m_readOut->setMargin(6);
    m_readOut->setFrameShape(QFrame::StyledPanel);
    m_readOut->hide();

    row->addWidget(m_legend);
    row->addStretch(1);
    row->addWidget(m_figure);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_smoothIcon, m_smooth, m_smoothValue,
                                                           m_log, m_fit, m_png, m_csv}) {
        row->addWidget(widget);
    }
    connect(m_log, &QToolButton::toggled, this, [this] {
        m_isFollowing = true;
        scheduleRefresh();
    });
    connect(m_smooth, &QSlider::valueChanged, this, [this] {
        m_smoothValue->setText(locale().toString(smoothing(), 'f', 2));
        scheduleRefresh();
    });
    m_smoothValue->setText(locale().toString(smoothing(), 'f', 2));
    connect(m_fit, &QToolButton::clicked, this, &TrainingPlot::fit);
    connect(m_png, &QToolButton::clicked, this, &TrainingPlot::savePng);
    connect(m_csv, &QToolButton::clicked, this, &TrainingPlot::saveCsv);
}

void TrainingPlot::connectPlot() {
    m_plot->installEventFilter(this);
    connect(m_plot, &QCustomPlot::mouseWheel, this, &TrainingPlot::stopFollowing);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &TrainingPlot::fit);
    connect(m_plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if (event->buttons().testFlag(Qt::LeftButton)) {
            stopFollowing();
        }
        if (m_panes->contains(event->position())) {
            showCursor(m_panes->epochAt(event->position()));
        }
    });
}

void TrainingPlot::reset() {
    m_data.clear();
    m_isFollowing = true;
    hideCursor();
    scheduleRefresh();
}

void TrainingPlot::appendBatches(std::span<const nn::BatchProgress> batches) {
    m_data.append(batches);
    scheduleRefresh(kFrameOfRun);
}

void TrainingPlot::appendEpoch(const nn::EpochResult& epoch) {
    m_data.append(epoch);
    scheduleRefresh();
}

void TrainingPlot::setHistory(const nn::History& history) {
    reset();
    m_data.append(history.batches);
    for (const nn::EpochResult& epoch : history.epochs) {
        m_data.append(epoch);
    }
}

void TrainingPlot::setEmptyText(const QString& text) {
    m_empty->setText(text);
}

void TrainingPlot::setTheme(const Theme& theme) {
    m_panes->setTheme(theme);
    m_legend->setTheme(theme);
    showIcons(theme);
    scheduleRefresh();
}

void TrainingPlot::showIcons(const Theme& theme) {
    m_log->setIcon(icon(u"log-axis", theme));
    m_fit->setIcon(icon(u"fit", theme));
    m_png->setIcon(icon(u"image", theme));
    m_csv->setIcon(icon(u"table", theme));
    m_smoothIcon->setPixmap(
        iconPixmap(u"smoothing", theme.mutedText, spacing::kToolIcon, devicePixelRatioF()));
    m_smoothIcon->setToolTip(m_smooth->toolTip());
}

bool TrainingPlot::isLogarithmic() const {
    return m_log->isChecked();
}

void TrainingPlot::setLogarithmic(bool on) {
    m_log->setChecked(on);
}

QString TrainingPlot::figure() const {
    return m_figure->count() == 0 ? QStringLiteral("accuracy") : m_figure->currentText();
}

void TrainingPlot::setFigure(const QString& name) {
    m_wishedFigure = name;
    m_isFollowing = true;
    scheduleRefresh();
}

void TrainingPlot::fillFigures() {
    QStringList names;
    for (const std::string& name : m_data.figures()) {
        names << QString::fromStdString(name);
    }
    QStringList shown;
    for (int i = 0; i < m_figure->count(); ++i) {
        shown << m_figure->itemText(i);
    }
    if (names != shown) {
        m_figure->clear();
        m_figure->addItems(names);
        m_figure->setVisible(names.size() > 1);
    }
    m_figure->setCurrentIndex(
        static_cast<int>(std::max<qsizetype>(0, names.indexOf(m_wishedFigure))));
}

double TrainingPlot::smoothing() const {
    return m_smooth->value() / 100.0;
}

void TrainingPlot::setSmoothing(double weight) {
    m_smooth->setValue(static_cast<int>(std::lround(weight * 100.0)));
}

void TrainingPlot::fit() {
    m_isFollowing = true;
    scheduleRefresh();
}

void TrainingPlot::stopFollowing() {
    m_isFollowing = false;
}

void TrainingPlot::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    scheduleRefresh();
}

void TrainingPlot::scheduleRefresh(int milliseconds) {
    if (!m_timer.isActive() || m_timer.remainingTime() > milliseconds) {
        m_timer.start(milliseconds);
    }
}

void TrainingPlot::refresh() {
    m_timer.stop();
    fillFigures();
    m_panes->show(m_data, {.isLogarithmic = isLogarithmic(),
                           .smoothing = smoothing(),
                           .figure = figure().toStdString()});
    if (m_isFollowing) {
        m_panes->fit(m_data);
    }
    showEmptyState();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    if (!std::isnan(m_cursor)) {
        placeReadOut();
    }
}

void TrainingPlot::showEmptyState() {
    m_empty->setVisible(m_data.isEmpty());
    m_png->setEnabled(!m_data.isEmpty());
    m_csv->setEnabled(!m_data.isEmpty());
    m_plot->setAccessibleDescription(summary());
}

QPixmap TrainingPlot::picture(double scale) const {
    return m_plot->toPixmap(m_plot->width(), m_plot->height(), scale);
}

void TrainingPlot::showCursor(double epoch) {
    if (m_data.isEmpty()) {
        return;
    }
    m_cursor = std::clamp(epoch, 0.0, m_data.lastEpoch());
    m_panes->showCursor(m_cursor);
    placeReadOut();
    emit cursorMoved(m_cursor);
}

void TrainingPlot::hideCursor() {
    m_cursor = nn::kNotMeasured;
    m_panes->hideCursor();
    m_readOut->hide();
}

void TrainingPlot::placeReadOut() {
    m_readOut->setText(readOut(m_cursor));
    m_readOut->adjustSize();
    const int line = static_cast<int>(m_panes->positionOf(m_cursor));
    const bool isRoomAtRight = line + spacing::kUnit + m_readOut->width() < m_plot->width();
    const int left = isRoomAtRight ? line + spacing::kUnit
                                   : std::max(0, line - spacing::kUnit - m_readOut->width());
    m_readOut->move(left, spacing::kUnit);
    m_readOut->show();
}

void TrainingPlot::moveCursor(int epochs) {
    const double from = std::isnan(m_cursor) ? std::floor(m_data.lastEpoch()) - epochs : m_cursor;
    showCursor(std::round(from) + epochs);
}

void TrainingPlot::savePng() {
    saveImage(this, QStringLiteral("training-curves.png"), picture().toImage());
}

void TrainingPlot::saveCsv() {
    saveBytes(this,
              {.title = tr("Save values"),
               .fileName = QStringLiteral("training-curves.csv"),
               .filter = tr("CSV table (*.csv)")},
              csv());
}

void TrainingPlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

void TrainingPlot::keyPressEvent(QKeyEvent* event) {
    const bool isShifted = event->modifiers().testFlag(Qt::ShiftModifier);
    const int direction = event->key() == Qt::Key_Left ? -1 : 1;
    switch (event->key()) {
    case Qt::Key_F:
    case Qt::Key_0:
        return fit();
    case Qt::Key_L:
        return setLogarithmic(!isLogarithmic());
    case Qt::Key_Plus:
    case Qt::Key_Minus:
        stopFollowing();
        m_panes->zoom(event->key() == Qt::Key_Plus ? 0.8 : 1.25);
        return scheduleRefresh();
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (isShifted) {
            stopFollowing();
            m_panes->pan(0.1 * direction);
            return scheduleRefresh();
        }
        return moveCursor(direction);
    default:
        QWidget::keyPressEvent(event);
    }
}

bool TrainingPlot::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_plot && event->type() == QEvent::Leave) {
        hideCursor();
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace widgets
