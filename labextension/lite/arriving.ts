/**
 * A larger file on its way to a cell, as one of JupyterLab's notifications: outside of the notebook, so that nothing of it is saved,
 * and gone when the file is there. (JupyterLab draws no bar in them, whatever progress it is told.)
 */
import { Notification } from '@jupyterlab/apputils';
import type { ShowArriving } from '../../lib/kernel/page/arriving';

/** @param say what is said of a file, of so many bytes, of which so many are here */
export function asNotification(say: (file: string, all: number, here?: number) => string): ShowArriving {
  let id: string | undefined;
  return (file, all, here) => {
    if (file === '') {
      if (id !== undefined) Notification.dismiss(id);
      id = undefined;
    } else if (id === undefined) id = Notification.emit(say(file, all, here), 'in-progress', { autoClose: false });
    else Notification.update({ id, message: say(file, all, here) });
  };
}
