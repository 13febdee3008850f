#include "app/data_view.h"

#include "app/actions.h"
#include "app/banner.h"
#include "app/data_samples.h"
#include "app/image_decoder.h"
#include "app/session.h"
#include "app/training/job.h"
#include "app/two_line_delegate.h"

#include "nn/data/fit.h"

#include "widgets/images/class_histogram.h"
#include "widgets/images/sample_grid.h"
#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {

namespace {

using widgets::spacing::kUnit;
using widgets::spacing::kWide;

constexpr int kSourcesWidth = 248;

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

QString splitText(const nn::data::DataSource& source) {
    const QLocale locale;
    const QString train = locale.toString(static_cast<qlonglong>(source.train.size()));
    if (!source.test) {
        return DataView::tr("%1 training images, no test images").arg(train);
    }
    const QString test = locale.toString(static_cast<qlonglong>(source.test->size()));
    return source.testOrigin == nn::data::TestOrigin::HeldOut
               ? DataView::tr("%1 training images, %2 held out for testing").arg(train, test)
               : DataView::tr("%1 training images, %2 test images").arg(train, test);
}

} // namespace

DataView::DataView(Session& session, Actions& actions, QWidget* parent)
    : QWidget(parent), m_session(session) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeSources(actions));
    m_stack = new QStackedWidget(this);
    m_details = makeDetails();
    m_stack->addWidget(m_details);
    layout->addWidget(m_stack, 1);

    connect(&session.data, &DataStore::changed, this, &DataView::showState);
    connect(&session.data, &DataStore::progressed, this, &DataView::showProgress);
    connect(&session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Graph)) {
            if (const auto source = m_session.data.source()) {
                showNotes(*source);
            }
        }
        if (parts.testFlag(ProjectPart::Data)) {
            fillSources();
        }
    });
    fillSources();
    giveTextRoles();
    showState();
}

QWidget* DataView::makeSources(Actions& actions) {
    auto* column = new QWidget(this);
    column->setFixedWidth(kSourcesWidth);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(kWide, kWide, kWide, kWide);
    layout->setSpacing(kUnit);
    auto* heading = new QLabel(tr("Source"), column);
    heading->setObjectName("heading");
    m_sources = new QListWidget(column);
    m_sources->setObjectName("dataSources");
    m_sources->setAccessibleName(tr("Data sources"));
    m_sources->setItemDelegate(new TwoLineDelegate(m_sources));
    m_sources->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sources->setFrameShape(QFrame::NoFrame);
    layout->addWidget(heading);
    layout->addWidget(m_sources, 1);
    for (const ActionId id : {ActionId::OpenDataFolder, ActionId::OpenDataFile}) {
        auto* button = new QToolButton(column);
        button->setDefaultAction(actions.at(id));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setAccessibleName(actions.at(id)->statusTip());
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        layout->addWidget(button);
    }
    connect(m_sources, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) {
        m_session.useData(item->data(Qt::UserRole).toString());
    });
    connect(m_sources, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        m_session.useData(item->data(Qt::UserRole).toString());
    });
    return column;
}

QWidget* DataView::makeDetails() {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(kWide, kWide, kWide, kWide);
    layout->setSpacing(kUnit);
    m_title = new QLabel(page);
    m_title->setObjectName("dataTitle");
    m_facts = new QLabel(page);
    m_facts->setObjectName("dataFacts");
    m_origin = new QLabel(page);
    m_notes = new QLabel(page);
    m_notes->setObjectName("dataNotes");
    m_banner = new Banner(page);
    for (QLabel* label : {m_title, m_facts, m_origin, m_notes}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_progress = new QProgressBar(page);
    m_progress->setAccessibleName(tr("Reading the data"));
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_cancel = new QPushButton(tr("Cancel"), page);
    m_waiting = new QWidget(page);
    m_waitingText = new QLabel(tr("Reading the images…"), m_waiting);
    auto* waiting = new QHBoxLayout(m_waiting);
    waiting->setContentsMargins(0, 0, 0, 0);
    waiting->addWidget(m_waitingText);
    waiting->addWidget(m_progress, 1);
    waiting->addWidget(m_cancel);

    layout->addWidget(m_title);
    layout->addWidget(m_facts);
    layout->addWidget(m_origin);
    layout->addWidget(m_waiting);
    layout->addWidget(m_banner);
    layout->addWidget(m_notes);
    layout->addWidget(makeImages(), 1);
    connect(m_cancel, &QPushButton::clicked, &m_session.data, &DataStore::cancel);
    connect(m_banner, &Banner::actionTriggered, this, [this] {
        if (m_session.data.state() == DataStore::State::Failed) {
            m_session.data.reload();
        } else {
            m_session.fitNetworkToData();
        }
    });
    return page;
}

QWidget* DataView::makeImages() {
    auto* images = new QSplitter(Qt::Horizontal, this);
    images->setChildrenCollapsible(false);
    auto* left = new QWidget(images);
    auto* layout = new QVBoxLayout(left);
    layout->setContentsMargins(0, kUnit, kUnit, 0);
    layout->setSpacing(kUnit);
    m_part = new QComboBox(left);
    m_part->setAccessibleName(tr("Part of the data shown"));
    m_class = new QComboBox(left);
    m_class->setAccessibleName(tr("Class shown"));
    auto* choices = new QHBoxLayout;
    choices->addWidget(m_part);
    choices->addWidget(m_class);
    choices->addStretch(1);
    m_grid = new widgets::SampleGrid(left);
    m_grid->setAccessibleName(tr("Sample images"));
    m_grid->setMinimumTileSide(56);
    layout->addLayout(choices);
    layout->addWidget(m_grid, 1);
    m_histogram = new widgets::ClassHistogram(images);
    m_histogram->setAccessibleName(tr("Images of each class"));
    images->addWidget(left);
    images->addWidget(m_histogram);
    images->setStretchFactor(0, 3);
    images->setStretchFactor(1, 1);

    connect(m_part, &QComboBox::activated, this, &DataView::showSamples);
    connect(m_class, &QComboBox::activated, this, &DataView::showSamples);
    connect(m_histogram, &widgets::ClassHistogram::classActivated, this, [this](int index) {
        m_class->setCurrentIndex(index + 1);
        showSamples();
    });
    connect(m_grid, &widgets::SampleGrid::sampleActivated, this, [this](qint64 index) {
        m_session.inspection.setSample(
            {.part = m_part->currentIndex() == 0 ? DataPart::Training : DataPart::Test,
             .index = index,
             .picture = {},
             .caption = {}});
        emit m_session.requests.workspaceWished(Workspace::Inspect);
    });
    return images;
}

QListWidgetItem* DataView::addSource(const QString& title, const QString& description,
                                     const QString& reference) {
    auto* item = new QListWidgetItem(title, m_sources);
    item->setData(TwoLineDelegate::kDetailRole, description);
    item->setData(Qt::AccessibleTextRole, title + ", " + description);
    item->setData(Qt::UserRole, reference);
    return item;
}

void DataView::fillSources() {
    m_sources->clear();
    const QString chosen = text(m_session.document.project().data.source);
    for (const nn::data::KnownSource& known : nn::data::knownSources()) {
        addSource(text(known.title), text(known.description), text(known.spec));
    }
    QListWidgetItem* current = nullptr;
    for (int i = 0; i < m_sources->count(); ++i) {
        if (m_sources->item(i)->data(Qt::UserRole).toString() == chosen) {
            current = m_sources->item(i);
        }
    }
    if (current == nullptr) {
        current = addSource(QFileInfo(chosen).fileName(), chosen, chosen);
    }
    m_sources->setCurrentItem(current);
}

void DataView::showState() {
    const DataStore& store = m_session.data;
    const bool isReady = store.state() == DataStore::State::Ready;
    m_waiting->setVisible(store.state() == DataStore::State::Loading);
    m_progress->setRange(0, 0);
    m_banner->hide();
    if (isReady) {
        showSource(*store.source());
        return;
    }
    m_title->setText(store.reference());
    m_facts->clear();
    m_origin->clear();
    m_notes->clear();
    m_notes->hide();
    m_part->clear();
    m_class->clear();
    m_part->setEnabled(false);
    m_class->setEnabled(false);
    m_grid->setSamples({});
    m_grid->setEmptyText(store.state() == DataStore::State::Loading
                             ? tr("The images appear here once they are read.")
                             : tr("Choose a source on the left, or open a folder of images."));
    m_histogram->clear();
    if (store.state() == DataStore::State::Failed) {
        m_banner->showMessage(BannerKind::Error, store.error(), tr("Try Again"));
    }
}

void DataView::showSource(const nn::data::DataSource& source) {
    const nn::data::Provenance& origin = source.train.provenance();
    m_title->setText(origin.title.empty() ? m_session.data.reference() : text(origin.title));
    m_facts->setText(tr("%1 · %2 classes · %3")
                         .arg(text(nn::data::text(source.train.shape())))
                         .arg(source.train.classCount())
                         .arg(splitText(source)));
    QStringList terms;
    for (const std::string& part : {origin.location, origin.licence, origin.attribution}) {
        if (!part.empty()) {
            terms << text(part);
        }
    }
    m_origin->setText(terms.join(" · "));

    m_part->clear();
    m_part->addItem(tr("Training images"));
    if (source.test) {
        m_part->addItem(tr("Test images"));
    }
    m_class->clear();
    m_class->addItem(tr("All classes"));
    std::vector<widgets::ClassCount> counts;
    const auto train = source.train.classCounts();
    const auto test =
        source.test ? source.test->classCounts() : std::vector<std::int64_t>(train.size(), 0);
    for (std::size_t i = 0; i < train.size(); ++i) {
        const QString name = text(source.train.classNames()[i]);
        m_class->addItem(name);
        counts.push_back({name, train[i], test[i]});
    }
    m_part->setEnabled(true);
    m_class->setEnabled(true);
    m_histogram->setCounts(std::move(counts));
    showNotes(source);
    showSamples();
}

void DataView::showNotes(const nn::data::DataSource& source) {
    QStringList notes;
    for (const std::string& note : source.notes) {
        notes << text(note);
    }
    if (const auto wanted = inputImageShape(m_session.document.inference())) {
        if (const std::string note = nn::data::fitNote(source.train.shape(), *wanted);
            !note.empty()) {
            notes << text(note);
        }
    }
    m_notes->setText(notes.join("\n"));
    m_notes->setVisible(!notes.isEmpty());
    const QString changes = m_session.networkFitText();
    if (changes.isEmpty()) {
        m_banner->hide();
    } else {
        m_banner->showMessage(
            BannerKind::Info,
            tr("The network does not fit these images. Fitting it sets %1.").arg(changes),
            tr("Fit Network to Data"));
    }
}

const nn::data::Dataset* DataView::shownPart() const {
    const auto source = m_session.data.source();
    if (!source) {
        return nullptr;
    }
    return m_part->currentIndex() == 1 && source->test ? &*source->test : &source->train;
}

void DataView::showSamples() {
    const nn::data::Dataset* dataset = shownPart();
    if (dataset == nullptr) {
        return;
    }
    std::vector<widgets::Sample> samples;
    for (const qint64 index : shownSamples(*dataset, m_class->currentIndex() - 1)) {
        samples.push_back({toQImage(dataset->sample(index), dataset->shape()),
                           text(dataset->labelName(index)), index});
    }
    m_grid->setSamples(std::move(samples));
}

void DataView::showProgress(qint64 done, qint64 total) {
    constexpr int kSteps = 1000;
    if (total > 0) {
        m_progress->setRange(0, kSteps);
        m_progress->setValue(static_cast<int>(done * kSteps / total));
        m_waitingText->setText(tr("Reading image %1 of %2…").arg(done).arg(total));
    }
}

void DataView::giveTextRoles() {
    widgets::setTextRole(m_title, widgets::TextRole::Title);
    for (auto* heading : findChildren<QLabel*>("heading")) {
        widgets::setTextRole(heading, widgets::TextRole::Heading);
    }
    widgets::setTextRole(m_origin, widgets::TextRole::Small);
    for (QLabel* label : {m_origin, m_notes}) {
        label->setForegroundRole(QPalette::PlaceholderText);
    }
}

} // namespace app
