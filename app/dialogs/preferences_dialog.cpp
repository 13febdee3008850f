#include "app/dialogs/preferences_dialog.h"

#include "widgets/text_role.h"

#include "app/settings.h"

#include "nn/base/parallel.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <thread>

namespace app {

namespace {

QLabel* makeHint(const QString& text, QWidget* parent) {
    auto* hint = new QLabel(text, parent);
    hint->setWordWrap(true);
    widgets::setTextRole(hint, widgets::TextRole::Small);
    hint->setForegroundRole(QPalette::PlaceholderText);
    return hint;
}

} // namespace

PreferencesDialog::PreferencesDialog(Settings& settings, QWidget* parent)
    : QDialog(parent), m_settings(settings) {
    setObjectName("preferencesDialog");
    setWindowTitle(tr("Preferences"));
    setMinimumWidth(480);
    m_theme = new QComboBox(this);
    m_theme->setObjectName("theme");
    m_theme->setAccessibleName(tr("Theme"));
    m_theme->addItems({tr("As the system"), tr("Light"), tr("Dark"), tr("High contrast")});
    m_theme->setCurrentIndex(static_cast<int>(settings.theme()));
    m_threads = new QSpinBox(this);
    m_threads->setObjectName("threads");
    m_threads->setAccessibleName(tr("Threads for training"));
    m_threads->setRange(0, nn::Parallel::maxThreads);
    m_threads->setSpecialValueText(tr("All (%1)").arg(std::thread::hardware_concurrency()));
    m_threads->setValue(settings.threads());

    auto* form = new QFormLayout;
    form->setVerticalSpacing(widgets::spacing::kUnit);
    form->setHorizontalSpacing(widgets::spacing::kWide);
    form->addRow(tr("&Theme"), m_theme);
    form->addRow(tr("Th&reads"), m_threads);
    form->addRow(QString(), makeHint(tr("How many processor threads train a network. The result "
                                        "does not depend on it."),
                                     this));
    form->addRow(tr("Data &folders"), makeFolders());
    form->addRow(QString(), makeHint(tr("Named data sets are looked for here before the places of "
                                        "the system."),
                                     this));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(widgets::spacing::kSection, widgets::spacing::kSection,
                               widgets::spacing::kSection, widgets::spacing::kWide);
    layout->setSpacing(widgets::spacing::kWide);
    layout->addLayout(form);
    layout->addWidget(buttons);

    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_theme, &QComboBox::activated, this,
            [this](int index) { m_settings.setTheme(static_cast<widgets::ThemeChoice>(index)); });
    connect(m_threads, &QSpinBox::valueChanged, &settings, &Settings::setThreads);
}

QWidget* PreferencesDialog::makeFolders() {
    auto* box = new QWidget(this);
    m_folders = new QListWidget(box);
    m_folders->setObjectName("dataFolders");
    m_folders->setAccessibleName(tr("Data folders"));
    m_folders->setMaximumHeight(104);
    m_folders->addItems(m_settings.dataFolders());
    auto* add = new QPushButton(tr("&Add…"), box);
    auto* remove = new QPushButton(tr("&Remove"), box);
    add->setAutoDefault(false);
    remove->setAutoDefault(false);
    remove->setEnabled(false);
    auto* column = new QVBoxLayout;
    column->addWidget(add);
    column->addWidget(remove);
    column->addStretch(1);
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_folders, 1);
    layout->addLayout(column);
    connect(add, &QPushButton::clicked, this, &PreferencesDialog::addFolder);
    connect(remove, &QPushButton::clicked, this, &PreferencesDialog::removeFolder);
    connect(m_folders, &QListWidget::currentRowChanged, remove,
            [remove](int row) { remove->setEnabled(row >= 0); });
    return box;
}

void PreferencesDialog::addFolder() {
    auto* dialog = new QFileDialog(this, tr("Add a Data Folder"), m_settings.lastFolder());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) {
        m_folders->addItem(folder);
        storeFolders();
    });
    dialog->open();
}

void PreferencesDialog::removeFolder() {
    delete m_folders->takeItem(m_folders->currentRow());
    storeFolders();
}

void PreferencesDialog::storeFolders() {
    QStringList folders;
    for (int i = 0; i < m_folders->count(); ++i) {
        folders << m_folders->item(i)->text();
    }
    m_settings.setDataFolders(folders);
}

} // namespace app
