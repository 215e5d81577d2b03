/**
 * A larger file on its way to a cell, as one of JupyterLab's notifications, with a bar: outside of the notebook, so that nothing of it is
 * saved, and gone when the file is there.
 */
import { Notification } from '@jupyterlab/apputils';
import type { ShowArriving } from '../../lib/kernel/page/arriving';

/** JupyterLab takes a notification away by itself when its bar is full; the file is not unpacked by then. */
const NEARLY = 0.99;

/** @param say what is said of a file, of so many bytes, of which so many are here */
export function asNotification(say: (file: string, all: number, here?: number) => string): ShowArriving {
  let id: string | undefined;
  return (file, all, here) => {
    if (file === '') {
      if (id !== undefined) Notification.dismiss(id);
      id = undefined;
      return;
    }
    const message = say(file, all, here);
    const options = here === undefined ? {} : { progress: Math.min(NEARLY, here / all) };
    if (id === undefined) id = Notification.emit(message, 'in-progress', { autoClose: false, ...options });
    else Notification.update({ id, message, ...options });
  };
}
