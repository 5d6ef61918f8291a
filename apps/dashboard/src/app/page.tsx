import { DoorClosed } from '#components/door-closed.tsx';

export default function HomePage() {
  return <DoorClosed />;
}
