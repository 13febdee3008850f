#include "app/training/forecast_watch.h"

#include "app/data_store.h"
#include "app/document.h"

namespace app {

namespace {

Forecast madeForecast(const nn::Graph& graph, const nn::Inference& inference,
                      const nn::TrainSettings& settings, const nn::data::DataSource* source) {
    Forecast forecast;
    if (!inference.isRunnable()) {
        return forecast;
    }
    nn::SampleMemory samples;
    if (source != nullptr) {
        samples = nn::sampleMemory(
            source->train,
            source->test ? std::optional<nn::TrainData>(*source->test) : std::nullopt, settings);
    }
    auto memory = nn::forecastTraining(graph, inference, settings, samples);
    if (!memory) {
        forecast.refusal = QString::fromStdString(memory.error().message);
        return forecast;
    }
    forecast.isKnown = true;
    forecast.memory = *std::move(memory);
    forecast.machine = nn::machineMemory();
    forecast.verdict = nn::memoryVerdict(forecast.memory, forecast.machine);
    if (const auto checked = nn::checkMemory(forecast.memory, forecast.machine); !checked) {
        forecast.refusal = QString::fromStdString(checked.error().message);
    }
    return forecast;
}

} // namespace

ForecastWatch::ForecastWatch(const Document& document, const DataStore& data, QObject* parent)
    : QObject(parent), m_document(document), m_data(data) {
    connect(&document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Graph) || parts.testFlag(ProjectPart::Training)) {
            refresh();
        }
    });
    connect(&data, &DataStore::changed, this, &ForecastWatch::refresh);
}

void ForecastWatch::refresh() {
    m_isWanted = true;
    if (!m_background.isBusy()) {
        launch();
    }
}

void ForecastWatch::launch() {
    m_isWanted = false;
    m_background.run(
        [graph = m_document.project().graph, inference = m_document.sharedInference(),
         settings = m_document.project().training,
         source = m_data.source()](const std::stop_token&) {
            return madeForecast(*graph, *inference, settings, source.get());
        },
        [this](Forecast forecast) {
            m_forecast = std::move(forecast);
            emit changed();
            if (m_isWanted) {
                QMetaObject::invokeMethod(
                    this, [this] { launch(); }, Qt::QueuedConnection);
            }
        });
}

} // namespace app
