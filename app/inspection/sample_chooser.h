#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QTimer;

namespace widgets {
class SketchPad;
}

namespace app {

class Session;

/// Chooses the image that is sent through the network: of the data set, a picture file, or drawn.
class SampleChooser : public QWidget {
    Q_OBJECT

public:
    explicit SampleChooser(Session& session, QWidget* parent = nullptr);

    /// Asks for a picture file.
    void openPicture();
    /// Takes a picture file as the sample; tells the log what is wrong with it.
    static void usePicture(Session& session, const QString& path);

private:
    void bind();
    void fillClasses();
    void showSample();
    void chooseFromData();
    void useSketch();

    Session& m_session;
    QComboBox* m_part = nullptr;
    QSpinBox* m_index = nullptr;
    QComboBox* m_class = nullptr;
    QLabel* m_caption = nullptr;
    QPushButton* m_picture = nullptr;
    widgets::SketchPad* m_sketch = nullptr;
    QTimer* m_sketchTimer = nullptr;
    bool m_isShowing = false;
};

} // namespace app
