#pragma once

#include "app/background.h"

#include "nn/train/forecast.h"

#include <QObject>

namespace app {

class DataStore;
class Document;

/// The memory training would take now, against what the machine has left.
struct Forecast {
    bool isKnown = false; ///< The network can run, so that there is something to say.
    nn::MemoryForecast memory;
    nn::MachineMemory machine;
    nn::MemoryVerdict verdict = nn::MemoryVerdict::Fits;
    QString refusal; ///< Why training would be refused; empty when it would not.
};

/// Keeps the forecast of the document up to date, beside the window.
class ForecastWatch : public QObject {
    Q_OBJECT

public:
    ForecastWatch(const Document& document, const DataStore& data, QObject* parent = nullptr);

    [[nodiscard]] const Forecast& forecast() const { return m_forecast; }
    void refresh();

signals:
    void changed();

private:
    void launch();

    const Document& m_document;
    const DataStore& m_data;
    Forecast m_forecast;
    bool m_isWanted = false;
    Background m_background;
};

} // namespace app
