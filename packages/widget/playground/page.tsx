import { createSeatsClient, SeatManager } from '@seatbelt/widget';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { scriptedFetch } from './scripted-fetch.ts';
import { type PlaygroundState, states } from './states.ts';

/** `?state=in doubt` shows one of them, `?theme=dark` in that theme. */
const query = new URLSearchParams(location.search);
const wanted = query.get('state');
const theme = query.get('theme') === 'dark' ? 'dark' : query.get('theme') === 'light' ? 'light' : 'auto';

function State({ state }: { state: PlaygroundState }) {
  const client = createSeatsClient({ fetch: scriptedFetch(state) });
  return (
    <article data-state={state.name}>
      <h2>
        <a href={`?state=${encodeURIComponent(state.name)}`}>{state.name}</a>
      </h2>
      <SeatManager
        client={client}
        theme={theme}
        readOnly={state.readOnly ?? false}
        words={{ title: `Seats, ${state.name}` }}
      />
    </article>
  );
}

document.documentElement.style.colorScheme = theme === 'auto' ? 'light dark' : theme;
const place = document.getElementById('states');
if (place) {
  createRoot(place).render(
    <StrictMode>
      {states
        .filter((state) => wanted === null || state.name === wanted)
        .map((state) => (
          <State key={state.name} state={state} />
        ))}
    </StrictMode>,
  );
}
