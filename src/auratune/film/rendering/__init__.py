"""From storyboard to MP4: source images, frames, sound, encoding."""
