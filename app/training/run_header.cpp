#include "app/training/run_header.h"

#include "app/session.h"

#include "nn/base/text.h"

#include "widgets/label_room.h"
#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QVBoxLayout>
#include <cmath>

namespace app {

namespace {

constexpr int kProgressSteps = 10'000;
constexpr int kFigureMilliseconds = 100;

QString durationText(double seconds) {
    const auto whole = static_cast<qint64>(std::ceil(seconds));
    if (whole < 60) {
        return RunHeader::tr("%1 s").arg(whole);
    }
    if (whole < 3600) {
        return RunHeader::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    return RunHeader::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

} // namespace

RunHeader::RunHeader(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    using widgets::spacing::kUnit;
    using widgets::spacing::kWide;
    m_title = new QLabel(this);
    m_title->setObjectName("runTitle");
    widgets::setTextRole(m_title, widgets::TextRole::Title);
    m_detail = new QLabel(this);
    m_detail->setObjectName("runDetail");
    m_detail->setTextFormat(Qt::PlainText);
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    m_bar = new QProgressBar(this);
    m_bar->setObjectName("runProgress");
    m_bar->setAccessibleName(tr("Progress of the training"));
    m_bar->setRange(0, kProgressSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(6);

    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(new widgets::LabelRoom(m_title, this));
    titles->addWidget(new widgets::LabelRoom(m_detail, this));

    m_figures = new QWidget(this);
    auto* figures = new QHBoxLayout(m_figures);
    figures->setContentsMargins(0, 0, 0, 0);
    figures->setSpacing(4 * kUnit);
    m_loss = addFigure(tr("loss"));
    m_metric = addFigure(tr("accuracy"));
    m_metric.value->setObjectName("runMetric");
    m_validation = addFigure(tr("validation accuracy"));
    m_validation.value->setObjectName("runValidation");
    m_rate = addFigure(tr("learning rate"));
    m_speed = addFigure(tr("images/s"));
    m_left = addFigure(tr("time left"));
    figures->addStretch(1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kWide, kWide, kWide, kUnit);
    layout->setSpacing(kUnit);
    layout->addLayout(titles);
    layout->addWidget(m_bar);
    layout->addWidget(m_figures);

    follow(session);
    m_sinceShown.start();
    showState();
    showFigures();
}

void RunHeader::follow(Session& session) {
    connect(&session.training, &TrainingController::stateChanged, this, [this] {
        showState();
        showFigures();
    });
    connect(&session.training, &TrainingController::batchesDone, this, [this] {
        // Faster than this nobody reads, and each change lays the page out anew.
        if (isVisible() && m_sinceShown.elapsed() >= kFigureMilliseconds) {
            showFigures();
        }
    });
    connect(&session.training, &TrainingController::epochDone, this, &RunHeader::showFigures);
    connect(&session.document, &Document::projectChanged, this, &RunHeader::showState);
    connect(&session.data, &DataStore::changed, this, &RunHeader::showForecast);
    connect(&session.forecast, &ForecastWatch::changed, this, &RunHeader::showForecast);
}

RunHeader::Figure RunHeader::addFigure(const QString& caption) {
    auto* whole = new QWidget(m_figures);
    const Figure figure{whole, new QLabel(QString("–"), whole), new QLabel(caption, whole)};
    figure.caption->setAccessibleName(caption);
    figure.caption->setForegroundRole(QPalette::PlaceholderText);
    widgets::setTextRole(figure.value, widgets::TextRole::Heading);
    widgets::setTextRole(figure.caption, widgets::TextRole::Small);
    auto* column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(new widgets::LabelRoom(figure.value, whole));
    column->addWidget(figure.caption);
    m_figures->layout()->addWidget(whole);
    m_all.push_back(figure);
    return figure;
}

void RunHeader::setValue(const Figure& figure, const QString& text) {
    figure.value->setText(text);
    figure.value->setAccessibleName(figure.caption->accessibleName() + ": " + text);
}

void RunHeader::setCaption(const Figure& figure, const QString& caption) {
    constexpr int kWidest = 200; // names of outputs may be long
    if (figure.caption->accessibleName() == caption) {
        return;
    }
    figure.caption->setAccessibleName(caption);
    figure.caption->setText(
        figure.caption->fontMetrics().elidedText(caption, Qt::ElideMiddle, kWidest));
    for (QLabel* label : {figure.value, figure.caption}) {
        label->setToolTip(caption.toHtmlEscaped());
    }
}

void RunHeader::showMetric(const RunFigures& figures) {
    for (const Figure& figure : {m_metric, m_validation}) {
        figure.whole->setVisible(!figures.isEmpty());
    }
    setCaption(m_metric, figures.caption());
    setCaption(m_validation, tr("validation %1").arg(figures.caption()));
    setValue(m_metric, figures.trainingText());
    setValue(m_validation, figures.validationText());
}

void RunHeader::showState() {
    const TrainingStatus& status = m_session.training.status();
    const auto epoch = status.firstEpoch + status.batch.epoch + 1;
    const auto last = status.firstEpoch + status.epochs;
    switch (m_session.training.state()) {
    case TrainingState::Idle:
        m_title->setText(m_session.document.project().weights ? tr("Trained") : tr("Not trained"));
        showForecast();
        return;
    case TrainingState::Starting:
        m_title->setText(tr("Preparing"));
        break;
    case TrainingState::Running:
        m_title->setText(tr("Epoch %1 of %2").arg(epoch).arg(last));
        break;
    case TrainingState::Paused:
        m_title->setText(tr("Paused in epoch %1 of %2").arg(epoch).arg(last));
        break;
    case TrainingState::Stopping:
        m_title->setText(tr("Stopping after this batch"));
        break;
    }
    m_detail->setText(
        status.batch.batchesPerEpoch > 0
            ? tr("Batch %1 of %2").arg(status.batch.batch).arg(status.batch.batchesPerEpoch)
            : tr("Before the first batch"));
}

void RunHeader::showForecast() {
    if (m_session.training.isActive()) {
        return;
    }
    const Forecast& forecast = m_session.forecast.forecast();
    if (m_session.data.state() == DataStore::State::Loading) {
        m_detail->setText(tr("Reading the images…"));
    } else if (!forecast.refusal.isEmpty()) {
        m_detail->setText(forecast.refusal);
    } else if (forecast.isKnown) {
        m_detail->setText(
            tr("Training takes about %1 of memory; %2 are free here.")
                .arg(QString::fromStdString(nn::byteText(forecast.memory.totalBytes)),
                     QString::fromStdString(nn::byteText(forecast.machine.availableBytes))));
    } else {
        m_detail->setText(tr("The network has to be complete before it can be trained."));
    }
    m_detail->setWordWrap(!forecast.refusal.isEmpty());
}

void RunHeader::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    showFigures();
    showState();
}

void RunHeader::showFigures() {
    m_sinceShown.restart();
    const TrainingStatus& status = m_session.training.status();
    const nn::BatchProgress& batch = status.batch;
    if (batch.batchesPerEpoch == 0) {
        m_rate.whole->hide();
        m_bar->setValue(0);
        for (const Figure& figure : m_all) {
            setValue(figure, QString("–"));
        }
        showMetric(runFigures({}, {}));
        return;
    }
    const double done = static_cast<double>(batch.epoch * batch.batchesPerEpoch + batch.batch) /
                        static_cast<double>(status.epochs * batch.batchesPerEpoch);
    m_bar->setValue(static_cast<int>(done * kProgressSteps));
    setValue(m_loss, QLocale().toString(batch.loss, 'f', 4));
    showMetric(runFigures(batch, status.epoch));
    const bool hasRate = !std::isnan(status.learningRate);
    m_rate.whole->setVisible(hasRate);
    setValue(m_rate, QLocale().toString(status.learningRate, 'g', 3));
    setValue(m_speed, QLocale().toString(batch.imagesPerSecond, 'f', 0));
    const bool isActive = m_session.training.isActive();
    setValue(m_left, !isActive || std::isnan(status.secondsLeft)
                         ? QString("–")
                         : durationText(status.secondsLeft));
    if (isActive) {
        showState();
    }
}

} // namespace app
