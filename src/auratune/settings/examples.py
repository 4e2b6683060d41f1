"""A right value for settings whose default does not show one; errors about them name it."""

from __future__ import annotations

EXAMPLES = {
    "CLAUDE_API_KEY": "sk-ant-your-key",
    "ELEVENLABS_API_KEY": "sk_your-key",
    "SUNO_API_KEY": "the-key-that-suno-gave-you",
    "AURATUNE_API_KEYS": "alice:a-long-secret,bob:another",
    "AUDIO_CODEC": "aac",
    "CLAUDE_EFFORT": "low",
    "COMPOSERS": "elevenlabs,lyria,acestep,suno,embedded",
    "CORS_ORIGINS": "http://localhost:5173",
    "ACESTEP_URL": "http://127.0.0.1:8001",
    "OPENAI_BASE_URL": "http://localhost:11434/v1",
    "ELEVENLABS_MODEL": "music_v2_5",
    "DATABASE_URL": "postgresql://user:password@host/auratune",
    "LOG_FORMAT": "text",
    "LOG_LEVEL": "INFO",
    "PUBLIC_URL": "https://films.example.org",
    "STORAGE_URL": "s3://my-bucket/auratune",
    "WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "WEBHOOK_URL": "https://hooks.example.org/films",
    "C2PA_CERTIFICATE": "/etc/auratune/certificate.pem",
    "C2PA_PRIVATE_KEY": "/etc/auratune/private-key.pem",
    "TELEGRAM_CHATS": "123456789,-1001234567890",
    "TELEGRAM_TOKEN": "123456:the-token-of-your-bot",
    "TRUSTED_PROXIES": "10.0.0.0/8,192.168.1.4",
}
