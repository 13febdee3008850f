#include "widgets/save_file.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMessageBox>
#include <QSaveFile>

namespace widgets {
namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("SaveFile", text);
}

void showFailure(QWidget* parent, const QString& message) {
    auto* box = new QMessageBox(QMessageBox::Warning, translated("The file was not saved"), message,
                                QMessageBox::Ok, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->open();
}

} // namespace

QString writeFile(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit()) {
        return {};
    }
    return translated("“%1” cannot be written: %2. Choose another folder or free some space.")
        .arg(QFileInfo(path).fileName(), file.errorString());
}

QByteArray pngBytes(const QImage& image) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

void saveBytes(QWidget* parent, const SaveRequest& request, const QByteArray& bytes) {
    auto* dialog = new QFileDialog(parent, request.title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(request.filter);
    dialog->setDefaultSuffix(QFileInfo(request.fileName).suffix());
    dialog->selectFile(request.fileName);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent,
                     [parent, bytes](const QString& path) {
                         const QString failure = writeFile(path, bytes);
                         if (!failure.isEmpty()) {
                             showFailure(parent, failure);
                         }
                     });
    dialog->open();
}

void saveImage(QWidget* parent, const QString& fileName, const QImage& image) {
    saveBytes(parent,
              {.title = translated("Save image"),
               .fileName = fileName,
               .filter = translated("PNG image (*.png)")},
              pngBytes(image));
}

} // namespace widgets
