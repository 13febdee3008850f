#pragma once

#include "nn/data/dataset.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QListWidget;
class QListWidgetItem;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace widgets {
class ClassHistogram;
class SampleGrid;
} // namespace widgets

namespace app {

class Actions;
class Banner;
class Session;

/// The images: where they come from, what they look like, how they are divided.
class DataView : public QWidget {
    Q_OBJECT

public:
    DataView(Session& session, Actions& actions, QWidget* parent = nullptr);

private:
    [[nodiscard]] QWidget* makeSources(Actions& actions);
    [[nodiscard]] QWidget* makeDetails();
    [[nodiscard]] QWidget* makeImages();
    void fillSources();
    QListWidgetItem* addSource(const QString& title, const QString& description,
                               const QString& reference);
    void showState();
    void showSource(const nn::data::DataSource& source);
    void showSamples();
    void showNotes(const nn::data::DataSource& source);
    void showProgress(qint64 done, qint64 total);
    void giveTextRoles();
    [[nodiscard]] const nn::data::Dataset* shownPart() const;

    Session& m_session;
    QListWidget* m_sources = nullptr;
    QStackedWidget* m_stack = nullptr;
    QWidget* m_details = nullptr;
    QWidget* m_waiting = nullptr;
    QLabel* m_waitingText = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
    Banner* m_banner = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_origin = nullptr;
    QLabel* m_notes = nullptr;
    QComboBox* m_part = nullptr;
    QComboBox* m_class = nullptr;
    widgets::SampleGrid* m_grid = nullptr;
    widgets::ClassHistogram* m_histogram = nullptr;
};

} // namespace app
