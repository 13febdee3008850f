#pragma once

#include "widgets/theme.h"

#include <QImage>
#include <QWidget>

class QToolButton;
class QSlider;

namespace widgets {

enum class SketchTool { Pen, Eraser };

/// A place to draw a digit or a shape by mouse or pen; gives it at the size a network wants.
class SketchPad : public QWidget {
    Q_OBJECT

public:
    explicit SketchPad(QWidget* parent = nullptr);

    /// The drawing (white on black, Format_Grayscale8) smoothly scaled; `size` as the network's
    /// input.
    [[nodiscard]] QImage image(QSize size) const;
    [[nodiscard]] bool isBlank() const;
    void clear();
    void setTool(SketchTool tool);
    [[nodiscard]] SketchTool tool() const { return m_tool; }
    /// Diameter of the pen in percent of the pad's side.
    void setPenWidth(int percent);
    void setTheme(const Theme& theme);

    [[nodiscard]] QSize sizeHint() const override;

signals:
    /// After each stroke's movement and after clearing.
    void sketchChanged();

protected:
    void changeEvent(QEvent* event) override;

private:
    class Surface;

    void showIcons(const Theme& theme);

    Surface* m_surface = nullptr;
    QToolButton* m_pen = nullptr;
    QToolButton* m_eraser = nullptr;
    QToolButton* m_clear = nullptr;
    QSlider* m_width = nullptr;
    SketchTool m_tool = SketchTool::Pen;
};

} // namespace widgets
