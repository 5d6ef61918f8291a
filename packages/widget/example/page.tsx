import { createSeatsClient, SeatManager } from '@seatbelt/widget';
import { createRoot } from 'react-dom/client';

const client = createSeatsClient({
  url: document.body.dataset.seats ?? '',
  token: async () => (await fetch('/widget-token', { method: 'POST' })).text(),
});
const place = document.getElementById('seats');
if (place) createRoot(place).render(<SeatManager client={client} />);
