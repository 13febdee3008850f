#include "app/training/schedule_view.h"

#include "app/session.h"

#include "nn/train/schedule.h"

#include "widgets/plots/schedule_plot.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr int kPoints = 400;

/// The schedule that counts steps, of the optimizer.
const nn::ParamObject* stepSchedule(const nn::TrainSettings& settings) {
    const auto rate = settings.optimizerParams.find("learning_rate");
    return rate == settings.optimizerParams.end() ? nullptr
                                                  : std::get_if<nn::ParamObject>(&rate->second);
}

/// The schedule that counts epochs, of a callback.
const nn::ParamObject* epochSchedule(const nn::TrainSettings& settings) {
    for (const nn::ParamObject& callback : settings.callbacks) {
        const auto schedule = callback.params().find("schedule");
        if (schedule != callback.params().end()) {
            if (const auto* object = std::get_if<nn::ParamObject>(&schedule->second)) {
                return object;
            }
        }
    }
    return nullptr;
}

} // namespace

ScheduleView::ScheduleView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_plot(new widgets::SchedulePlot(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_plot);
    connect(&session.data, &DataStore::changed, this,
            [this] { showFor(m_session.document.project().training); });
}

qint64 ScheduleView::stepsPerEpoch(const nn::TrainSettings& settings) const {
    const auto source = m_session.data.source();
    if (!source) {
        return 0;
    }
    const auto all = static_cast<double>(source->train.size());
    const double images = std::floor(all * (1.0 - settings.validationSplit));
    return static_cast<qint64>(std::ceil(images / static_cast<double>(settings.batchSize)));
}

void ScheduleView::showFor(const nn::TrainSettings& settings) {
    const nn::ParamObject* steps = stepSchedule(settings);
    const nn::ParamObject* epochs = steps == nullptr ? epochSchedule(settings) : nullptr;
    const nn::ParamObject* schedule = steps == nullptr ? epochs : steps;
    const qint64 perEpoch = stepsPerEpoch(settings);
    if (schedule == nullptr || perEpoch == 0) {
        hide();
        return;
    }
    // In its normal form, whoever wrote it: 10 steps are 10.0.
    const auto normal = nn::checkedObject(nn::scheduleFamily(), *schedule);
    if (!normal || !nn::checkSchedule(*normal)) {
        hide();
        return;
    }
    const qint64 last = perEpoch * settings.epochs - 1;
    const qint64 points = std::min<qint64>(kPoints, last + 1);
    std::vector<double> rates;
    rates.reserve(static_cast<std::size_t>(points));
    for (qint64 i = 0; i < points; ++i) {
        const qint64 step = points == 1 ? 0 : last * i / (points - 1);
        rates.push_back(nn::learningRateAt(*normal, steps == nullptr ? step / perEpoch : step));
    }
    m_plot->setRates(rates, last + 1);
    setVisible(true);
}

} // namespace app
