/**
 * A button that does something when it is pressed.
 * @param name what a screen reader says, where there are many with the same text
 */
export function button(text: string, act: () => void, name?: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  if (name !== undefined) made.ariaLabel = name;
  made.addEventListener('click', act);
  return made;
}
