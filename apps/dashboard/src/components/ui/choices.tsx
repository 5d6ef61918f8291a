import { useId } from 'react';

/**
 * One of a few words, side by side: the browser's own radio buttons, whose keys (arrows, space, one stop of Tab) every
 * keyboard and screen reader knows.
 */
export function Choices<Value extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string;
  /** Each value with its word, in the order in which they are shown. */
  options: readonly { readonly value: Value; readonly word: string }[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="sr-only">{label}</legend>
      <div className="ui-choices">
        {options.map((option) => (
          <label key={option.value} className="ui-choice">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.word}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
