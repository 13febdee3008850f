#include "app/inspection/sample_chooser.h"

#include "app/image_decoder.h"
#include "app/session.h"
#include "app/training/job.h"

#include "widgets/images/sketch_pad.h"
#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>

namespace app {

namespace {

constexpr QSize kSketchSize(28, 28);
constexpr int kSketchMilliseconds = 60;

} // namespace

SampleChooser::SampleChooser(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session) {
    m_part = new QComboBox(this);
    m_part->setAccessibleName(tr("Part of the data"));
    m_part->addItems({tr("Test images"), tr("Training images")});
    m_index = new QSpinBox(this);
    m_index->setAccessibleName(tr("Number of the image"));
    m_class = new QComboBox(this);
    m_class->setAccessibleName(tr("Show the first image of a class"));
    m_caption = new QLabel(this);
    m_caption->setTextFormat(Qt::PlainText);
    m_caption->setWordWrap(true);
    m_picture = new QPushButton(tr("Open a Picture…"), this);
    m_sketch = new widgets::SketchPad(this);
    m_sketch->setAccessibleName(tr("Draw an image"));
    m_sketchTimer = new QTimer(this);
    m_sketchTimer->setSingleShot(true);
    m_sketchTimer->setInterval(kSketchMilliseconds);

    auto* form = new QFormLayout;
    form->setHorizontalSpacing(widgets::spacing::kUnit);
    form->setVerticalSpacing(widgets::spacing::kUnit);
    form->addRow(tr("From"), m_part);
    form->addRow(tr("Number"), m_index);
    form->addRow(tr("Class"), m_class);
    auto* heading = new QLabel(tr("Image"), this);
    widgets::setTextRole(heading, widgets::TextRole::Heading);
    auto* sketchHeading = new QLabel(tr("Or draw one"), this);
    widgets::setTextRole(sketchHeading, widgets::TextRole::Heading);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(widgets::spacing::kWide, widgets::spacing::kWide,
                               widgets::spacing::kWide, widgets::spacing::kWide);
    layout->setSpacing(widgets::spacing::kUnit);
    layout->addWidget(heading);
    layout->addLayout(form);
    layout->addWidget(m_picture);
    layout->addWidget(m_caption);
    layout->addSpacing(widgets::spacing::kUnit);
    layout->addWidget(sketchHeading);
    layout->addWidget(m_sketch);
    layout->addStretch(1);

    bind();
    fillClasses();
}

void SampleChooser::bind() {
    connect(m_part, &QComboBox::activated, this, &SampleChooser::chooseFromData);
    connect(m_index, &QSpinBox::valueChanged, this, [this] {
        if (!m_isShowing) {
            chooseFromData();
        }
    });
    connect(m_class, &QComboBox::activated, this,
            [this](int label) { m_session.inspection.setSampleClass(label); });
    connect(m_picture, &QPushButton::clicked, this, &SampleChooser::openPicture);
    connect(m_sketch, &widgets::SketchPad::sketchChanged, m_sketchTimer, [this] {
        if (!m_sketchTimer->isActive()) {
            m_sketchTimer->start();
        }
    });
    connect(m_sketchTimer, &QTimer::timeout, this, &SampleChooser::useSketch);
    connect(&m_session.inspection, &InspectionController::sampleChanged, this,
            &SampleChooser::showSample);
    connect(&m_session.data, &DataStore::changed, this, &SampleChooser::fillClasses);
}

void SampleChooser::fillClasses() {
    m_class->clear();
    if (const auto source = m_session.data.source()) {
        for (const std::string& name : source->train.classNames()) {
            m_class->addItem(QString::fromStdString(name));
        }
    }
    showSample();
}

void SampleChooser::showSample() {
    const QScopedValueRollback guard(m_isShowing, true);
    const InspectionController& inspection = m_session.inspection;
    const bool hasData = inspection.sampleCount() > 0;
    for (QWidget* widget : {static_cast<QWidget*>(m_part), static_cast<QWidget*>(m_index),
                            static_cast<QWidget*>(m_class)}) {
        widget->setEnabled(hasData);
    }
    m_part->setCurrentIndex(inspection.sample().part == DataPart::Test ? 0 : 1);
    m_index->setRange(0, static_cast<int>(std::max<qint64>(inspection.sampleCount() - 1, 0)));
    if (inspection.sample().picture.isNull()) {
        m_index->setValue(static_cast<int>(inspection.sample().index));
    }
    m_class->setCurrentIndex(inspection.sampleClass());
    m_caption->setText(inspection.sampleCaption());
}

void SampleChooser::chooseFromData() {
    m_session.inspection.setSample(
        {.part = m_part->currentIndex() == 0 ? DataPart::Test : DataPart::Training,
         .index = m_index->value(),
         .picture = {},
         .caption = {}});
}

void SampleChooser::useSketch() {
    const auto shape = inputImageShape(m_session.document.inference());
    const QSize size = shape ? QSize(shape->width, shape->height) : kSketchSize;
    m_session.inspection.setSample({.part = m_session.inspection.sample().part,
                                    .index = m_session.inspection.sample().index,
                                    .picture = m_sketch->image(size),
                                    .caption = tr("Your drawing")});
}

void SampleChooser::openPicture() {
    auto* dialog = new QFileDialog(this, tr("Open a Picture"), m_session.settings.lastFolder(),
                                   tr("Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.ppm *.pgm "
                                      "*.webp);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& path) { usePicture(m_session, path); });
    dialog->open();
}

void SampleChooser::usePicture(Session& session, const QString& path) {
    const auto image = imageDecoder().decode(path.toStdString());
    if (!image) {
        const QString reason = QString::fromStdString(image.error().message);
        session.log.fail(reason);
        emit session.requests.hint(reason);
        return;
    }
    session.settings.setLastFolder(QFileInfo(path).absolutePath());
    session.inspection.setSample({.part = session.inspection.sample().part,
                                  .index = session.inspection.sample().index,
                                  .picture = toQImage(*image),
                                  .caption = QFileInfo(path).fileName()});
}

} // namespace app
