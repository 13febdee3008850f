#include "widgets/images/sketch_pad.h"

#include "widgets/icons.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QMouseEvent>
#include <QPainter>
#include <QSlider>
#include <QToolButton>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kCanvas = 448; // a whole multiple of 28, 32, 56, 64, 112 and 224
constexpr int kPenPercent = 8;

QToolButton* makeButton(QWidget* parent, const QString& name, const QString& tip) {
    auto* button = new QToolButton(parent);
    button->setAccessibleName(name);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setIconSize({spacing::kToolIcon, spacing::kToolIcon});
    return button;
}

} // namespace

/// The square one draws on; keeps the drawing at its own fine resolution.
class SketchPad::Surface : public QWidget {
public:
    explicit Surface(SketchPad* pad)
        : QWidget(pad), m_pad(pad), m_image(kCanvas, kCanvas, QImage::Format_Grayscale8) {
        m_image.fill(Qt::black);
        setFocusPolicy(Qt::StrongFocus);
        setCursor(Qt::CrossCursor);
        setMinimumSize(112, 112);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
        setAccessibleName(SketchPad::tr("Drawing area"));
        setAccessibleDescription(
            SketchPad::tr("Draw with the mouse or a pen. Delete clears the drawing."));
    }

    [[nodiscard]] const QImage& drawing() const { return m_image; }
    [[nodiscard]] bool isBlank() const { return m_isBlank; }

    void clear() {
        m_image.fill(Qt::black);
        m_isBlank = true;
        update();
    }

    void setPenPercent(int percent) { m_penPercent = std::clamp(percent, 1, 40); }

    [[nodiscard]] QSize sizeHint() const override { return {224, 224}; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override { return width; }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        const Theme& theme = Theme::of(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        const QRect place = square();
        painter.drawImage(place, m_image);
        if (m_isBlank) {
            painter.setPen(QColor(0xB0, 0xB6, 0xC0));
            painter.drawText(place.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                             SketchPad::tr("Draw here"));
        }
        const bool isFocused = hasFocus();
        const int width = isFocused ? spacing::kFocusWidth : 1;
        painter.setPen(QPen(isFocused ? theme.focus : theme.controlBorder, width));
        painter.drawRect(place.adjusted(width / 2, width / 2, -1, -1));
    }

    void mousePressEvent(QMouseEvent* event) override {
        if (event->button() == Qt::LeftButton) {
            m_last = toCanvas(event->position());
            strokeTo(m_last);
        }
    }

    void mouseMoveEvent(QMouseEvent* event) override {
        if (event->buttons().testFlag(Qt::LeftButton)) {
            strokeTo(toCanvas(event->position()));
        }
    }

    void keyPressEvent(QKeyEvent* event) override {
        if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
            m_pad->clear();
            return;
        }
        QWidget::keyPressEvent(event);
    }

private:
    [[nodiscard]] QRect square() const {
        const int side = std::min(width(), height());
        return {(width() - side) / 2, (height() - side) / 2, side, side};
    }

    [[nodiscard]] QPointF toCanvas(QPointF position) const {
        const QRect place = square();
        return (position - QPointF(place.topLeft())) *
               (kCanvas / std::max(1.0, place.width() * 1.0));
    }

    void strokeTo(QPointF to) {
        const bool isPen = m_pad->tool() == SketchTool::Pen;
        QPainter painter(&m_image);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(isPen ? Qt::white : Qt::black, kCanvas * m_penPercent / 100.0,
                            Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        // A line without length draws nothing; a touch shall leave a dot.
        painter.drawLine(m_last, to == m_last ? to + QPointF(0.01, 0.0) : to);
        m_last = to;
        m_isBlank = m_isBlank && !isPen;
        update();
        emit m_pad->sketchChanged();
    }

    SketchPad* m_pad;
    QImage m_image;
    QPointF m_last;
    int m_penPercent = kPenPercent;
    bool m_isBlank = true;
};

SketchPad::SketchPad(QWidget* parent)
    : QWidget(parent), m_surface(new Surface(this)), m_pen(makeButton(this, tr("Pen"), tr("Draw"))),
      m_eraser(makeButton(this, tr("Eraser"), tr("Rub out"))),
      m_clear(makeButton(this, tr("Clear"), tr("Clear the drawing (Delete)"))),
      m_width(new QSlider(Qt::Horizontal, this)) {
    m_pen->setCheckable(true);
    m_eraser->setCheckable(true);
    m_pen->setChecked(true);
    auto* tools = new QButtonGroup(this);
    tools->addButton(m_pen);
    tools->addButton(m_eraser);
    m_width->setRange(3, 16);
    m_width->setValue(kPenPercent);
    m_width->setAccessibleName(tr("Width of the pen"));
    m_width->setToolTip(tr("Width of the pen"));

    auto* row = new QHBoxLayout;
    row->setSpacing(spacing::kTight);
    row->addWidget(m_pen);
    row->addWidget(m_eraser);
    row->addWidget(m_width, 1);
    row->addWidget(m_clear);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTight);
    column->addWidget(m_surface, 1);
    column->addLayout(row);
    setAccessibleName(tr("Sketch pad"));
    setFocusProxy(m_surface);

    connect(m_pen, &QToolButton::clicked, this, [this] { setTool(SketchTool::Pen); });
    connect(m_eraser, &QToolButton::clicked, this, [this] { setTool(SketchTool::Eraser); });
    connect(m_clear, &QToolButton::clicked, this, &SketchPad::clear);
    connect(m_width, &QSlider::valueChanged, m_surface,
            [this](int percent) { m_surface->setPenPercent(percent); });
    showIcons(Theme::of(this));
}

QImage SketchPad::image(QSize size) const {
    // Halved again and again: one big smooth step would drop thin strokes.
    QImage image = m_surface->drawing();
    while (image.width() >= 2 * size.width() && image.height() >= 2 * size.height()) {
        image = image.scaled(image.size() / 2, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    }
    image = image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    return image.convertToFormat(QImage::Format_Grayscale8);
}

bool SketchPad::isBlank() const {
    return m_surface->isBlank();
}

void SketchPad::clear() {
    m_surface->clear();
    emit sketchChanged();
}

void SketchPad::setTool(SketchTool tool) {
    m_tool = tool;
    m_pen->setChecked(tool == SketchTool::Pen);
    m_eraser->setChecked(tool == SketchTool::Eraser);
}

void SketchPad::setPenWidth(int percent) {
    m_width->setValue(percent);
}

void SketchPad::setTheme(const Theme& theme) {
    showIcons(theme);
    m_surface->update();
}

void SketchPad::showIcons(const Theme& theme) {
    m_pen->setIcon(icon(u"pen", theme));
    m_eraser->setIcon(icon(u"eraser", theme));
    m_clear->setIcon(icon(u"delete", theme));
}

QSize SketchPad::sizeHint() const {
    return {224, 264};
}

void SketchPad::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
