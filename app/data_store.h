#pragma once

#include "app/background.h"

#include "nn/data/sources.h"

#include <QObject>
#include <QStringList>

namespace app {

class Document;
class Settings;

/// The images of the project's data reference, read beside the window.
class DataStore : public QObject {
    Q_OBJECT

public:
    enum class State { Empty, Loading, Ready, Failed };

    DataStore(const Document& document, const Settings& settings, QObject* parent = nullptr);

    /// Reads what the document refers to, unless that is there already or on its way.
    void load();
    /// Reads it again (after an error, or when files have changed).
    void reload();
    void cancel();

    [[nodiscard]] State state() const { return m_state; }
    /// The reference that `source` belongs to, as `--data` on the command line.
    [[nodiscard]] QString reference() const { return m_reference; }
    /// nullptr unless Ready. Shared: jobs keep it while the user chooses another.
    [[nodiscard]] std::shared_ptr<const nn::data::DataSource> source() const { return m_source; }
    /// Why reading failed.
    [[nodiscard]] QString error() const { return m_error; }

signals:
    void changed();
    void progressed(qint64 done, qint64 total);

private:
    void setState(State state);
    [[nodiscard]] nn::data::DataOptions options() const;

    const Document& m_document;
    const Settings& m_settings;
    State m_state = State::Empty;
    QString m_reference;
    QString m_error;
    std::shared_ptr<const nn::data::DataSource> m_source;
    Background m_background;
};

} // namespace app
