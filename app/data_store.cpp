#include "app/data_store.h"

#include "app/document.h"
#include "app/image_decoder.h"
#include "app/settings.h"

#include <QMetaObject>

namespace app {

DataStore::DataStore(const Document& document, const Settings& settings, QObject* parent)
    : QObject(parent), m_document(document), m_settings(settings) {}

void DataStore::load() {
    const QString wanted = QString::fromStdString(m_document.project().data.source);
    if (wanted == m_reference && m_state != State::Empty) {
        return;
    }
    m_reference = wanted;
    reload();
}

void DataStore::reload() {
    m_background.cancel();
    m_source.reset();
    m_error.clear();
    setState(State::Loading);
    m_background.run(
        [spec = m_reference.toStdString(), options = options()](const std::stop_token& stop) {
            nn::data::DataOptions withStop = options;
            withStop.stop = stop;
            return nn::data::openDataset(spec, withStop);
        },
        [this](nn::Expected<nn::data::DataSource> opened) {
            if (!opened) {
                m_error = QString::fromStdString(opened.error().message);
                setState(State::Failed);
                return;
            }
            m_source = std::make_shared<const nn::data::DataSource>(*std::move(opened));
            setState(State::Ready);
        });
}

void DataStore::cancel() {
    if (m_state == State::Loading) {
        m_background.cancel();
        m_error = tr("Reading was cancelled. Choose the data again to read them.");
        setState(State::Failed);
    }
}

void DataStore::setState(State state) {
    m_state = state;
    emit changed();
}

nn::data::DataOptions DataStore::options() const {
    nn::data::DataOptions options;
    for (const QString& folder : m_settings.dataFolders()) {
        options.searchFolders.emplace_back(folder.toStdString());
    }
    options.decoder = imageDecoder();
    options.progress = [store = const_cast<DataStore*>(this)](std::int64_t done,
                                                              std::int64_t total) {
        QMetaObject::invokeMethod(
            store, [store, done, total] { emit store->progressed(done, total); },
            Qt::QueuedConnection);
    };
    return options;
}

} // namespace app
